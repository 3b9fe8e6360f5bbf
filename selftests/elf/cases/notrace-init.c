// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and init code calls it: that of a module may be still to come.
// EXPECT 2
// PARENT mod
// SAYS f() in .text.f has no ftrace site (notrace, or assembler): calls to it cannot
#include "kern.h"
static noinline notrace int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + 1;
}
int __init start(int x)
{
	return f(x) + 1;
}
int g(int x)
{
	return f(x) + 1;
}
