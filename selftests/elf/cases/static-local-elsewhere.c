// SPDX-License-Identifier: GPL-2.0
// A static local goes, and another function gets one of the same name.
// EXPECT 2
// SAYS static variables called last
#include "kern.h"
int f(int x)
{
#ifndef PATCHED
	static unsigned long last;

	if (last > 5)
		return 0;
	last++;
#endif
	return helper(x);
}
int g(int x)
{
#ifdef PATCHED
	static long last;

	if (last++)
		return printk("g\n");
#endif
	return helper(-x);
}
