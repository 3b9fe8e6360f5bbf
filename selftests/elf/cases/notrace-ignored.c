// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and the author leaves one of the callers out, which would go on
// with the old one.
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
	return f(x * 2) + helper(x);
}
#ifdef PATCHED
static void * const mark __attribute__((__used__, __section__(".kpatch.ignore.functions"))) = (void *)h;
#endif
