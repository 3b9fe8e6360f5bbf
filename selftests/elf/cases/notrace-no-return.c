// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and it does not return: the return address is behind the end of
// its caller, and may be taken for that of the next function.
// EXPECT 2
// SAYS f() in .text.f has no ftrace site (notrace, or assembler): calls to it cannot
#include "kern.h"
static noinline notrace void f(int x)
{
	for (;;) {
#ifdef PATCHED
		x++;
#endif
		x = helper(x);
	}
}
int g(int x)
{
	helper(x);
	f(x);
	return 1;
}
