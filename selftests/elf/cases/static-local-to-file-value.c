// SPDX-License-Identifier: GPL-2.0
// The same, and it gets another initial value: that of the variable that exists.
// EXPECT 2
// SAYS the initial value of cnt in .data.cnt changes
#include "kern.h"
#ifdef PATCHED
static int cnt = 4;
#endif
int f(int x)
{
#ifndef PATCHED
	static int cnt = 3;
#endif
	return helper(x + cnt++);
}
