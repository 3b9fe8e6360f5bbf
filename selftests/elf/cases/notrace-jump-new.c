// SPDX-License-Identifier: GPL-2.0
// The same, where only the patch's caller jumps: the patch could not be taken off.
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
#ifdef PATCHED
	return f(x);
#else
	return f(x) + 1;
#endif
}
