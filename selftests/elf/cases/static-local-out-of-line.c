// SPDX-License-Identifier: GPL-2.0
// The user of a static local is no longer inlined: it goes on with the same one.
// CHANGED f
// NEW a
// RELOC vmlinux.cnt.0,0
#include "kern.h"
#ifndef PATCHED
#undef noinline
#define noinline
#endif
static noinline int a(void)
{
	static int cnt;

	return printk("a %d\n", cnt++);
}
int f(int x)
{
	return a() + x;
}
