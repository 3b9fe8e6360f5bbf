// SPDX-License-Identifier: GPL-2.0
// One that other files can use is new for them, and the function's own would be another.
// EXPECT 2
// SAYS the new variable cnt in .data.cnt would start from its initial value
#include "kern.h"
#ifdef PATCHED
int cnt = 3;
#endif
int f(int x)
{
#ifndef PATCHED
	static int cnt = 3;
#endif
	return helper(x + cnt++);
}
