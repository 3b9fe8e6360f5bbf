// SPDX-License-Identifier: GPL-2.0
// Two static locals of one name; a changed function uses the other one first.
// CHANGED f
// SAME g
// RELOC vmlinux.cnt.0,0
// RELOC vmlinux.cnt.1,0
#include "kern.h"
static inline __attribute__((__always_inline__)) int a(void)
{
	static int cnt;

	return printk("a %d\n", cnt++);
}
static inline __attribute__((__always_inline__)) int b(void)
{
	static int cnt;

	return printk("b %d\n", cnt++);
}
int f(int x)
{
#ifdef PATCHED
	b();
#endif
	return a() + x;
}
int g(int x)
{
	return b() - x;
}
