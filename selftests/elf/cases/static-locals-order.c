// SPDX-License-Identifier: GPL-2.0
// Nothing but the order of use tells two static locals apart, and it changes.
// EXPECT 2
// SAYS static variables called cnt
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
	a();
#else
	a();
	b();
#endif
	return x;
}
