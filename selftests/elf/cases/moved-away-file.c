// SPDX-License-Identifier: GPL-2.0
// A variable of the file moves to another file, where it would start anew.
// EXPECT 2
// SAYS the new variable cnt of another file would start from its initial value
#include "kern.h"
#ifdef PATCHED
extern int cnt;
#else
static int cnt = 3;
#endif
int f(int x)
{
	return helper(x + cnt++);
}
