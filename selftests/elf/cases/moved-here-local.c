// SPDX-License-Identifier: GPL-2.0
// The same inside of the function.
// EXPECT 2
// SAYS used cnt of another file before
#include "kern.h"
#ifndef PATCHED
extern int cnt;
#endif
int f(int x)
{
#ifdef PATCHED
	static int cnt;
#endif
	return helper(x + cnt++);
}
