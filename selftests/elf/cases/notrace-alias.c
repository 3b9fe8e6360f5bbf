// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and static, but under a weak name other objects reach it as well.
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
int alias(int x) __attribute__((__weak__, __alias__("f")));
int g(int x)
{
	return f(x) + 1;
}
