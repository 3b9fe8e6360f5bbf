// SPDX-License-Identifier: GPL-2.0
// The users of two static locals of one name are no longer inlined.
// EXPECT 2
// SAYS static variables called cnt
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
static noinline int b(void)
{
	static int cnt;

	return printk("b %d\n", cnt++);
}
int f(int x)
{
	return a() + x;
}
int g(int x)
{
	return b() - x;
}
