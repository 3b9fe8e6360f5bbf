// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and code that passes its address on.
// EXPECT 2
// SAYS f() in .text.f has no ftrace site (notrace, or assembler): calls to it cannot
#include "kern.h"
void use(int (*fn)(int x));
static noinline notrace int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + 1;
}
int g(int x)
{
	use(f);
	return f(x) + 1;
}
