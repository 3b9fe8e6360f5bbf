// SPDX-License-Identifier: GPL-2.0
// Code that cannot be read is not cut out of its section; it may stay there.
// EXPECT 2
// SAYS f() in .sched.text cannot be moved
#include "kern.h"
#define __sched __attribute__((__section__(".sched.text")))
int __sched f(int x)
{
#ifdef PATCHED
	x++;
#endif
	asm volatile(".byte 0x06");
	return helper(x);
}
int __sched g(int x)
{
	asm volatile(".byte 0x06");
	return helper(x) + 1;
}
