// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and one of those who use it jumps there: it is not on the stack
// of a task that is inside, which would be taken for switched.
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
	helper(x);
	return f(x);
}
