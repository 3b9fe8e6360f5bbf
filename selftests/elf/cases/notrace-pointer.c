// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and a pointer to it that the kernel has in use.
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
struct ops {
	int (*fn)(int x);
} ops = { f };
int g(int x)
{
	return f(x) + 1;
}
