// SPDX-License-Identifier: GPL-2.0
// A variable of another file becomes one of this file only, and starts anew.
// EXPECT 2
// SAYS the new variable cnt in .data.cnt would start from its initial value
#include "kern.h"
#ifdef PATCHED
static int cnt = 3;
#else
extern int cnt;
#endif
int f(int x)
{
	return helper(x + cnt++);
}
