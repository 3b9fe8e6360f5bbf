// SPDX-License-Identifier: GPL-2.0
// The same, where the caller that is left out calls it in the kernel only.
// EXPECT 2
// SAYS f() in .text.f has no ftrace site (notrace, or assembler): calls to it cannot
#include "kern.h"
static noinline notrace int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + 1;
}
int g(int x)
{
	return f(x) + 1;
}
int h(int x)
{
#ifndef PATCHED
	x = f(x * 2);
#endif
	return x + helper(x);
}
#ifdef PATCHED
static void * const mark __attribute__((__used__, __section__(".kpatch.ignore.functions"))) = (void *)h;
#endif
