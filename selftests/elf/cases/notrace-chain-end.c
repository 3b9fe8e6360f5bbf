// SPDX-License-Identifier: GPL-2.0
// The one who calls it has no ftrace site either, and others may call that one.
// EXPECT 2
// SAYS h() in .text.h has no ftrace site (notrace, or assembler), and neither has f(), which it calls
#include "kern.h"
static noinline notrace int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + 1;
}
int notrace h(int x)
{
	return f(x) + helper(x);
}
