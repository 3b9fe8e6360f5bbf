// SPDX-License-Identifier: GPL-2.0
// Two of a name become one: which of them is it?
// EXPECT 2
// SAYS the new variable cnt in .bss.cnt would start from its initial value
#include "kern.h"
#ifdef PATCHED
static int cnt;
#endif
int f(int x)
{
#ifndef PATCHED
	static int cnt;
#endif
	return helper(x + cnt++);
}
int g(int x)
{
#ifndef PATCHED
	static int cnt;
#endif
	return helper(x - cnt++);
}
