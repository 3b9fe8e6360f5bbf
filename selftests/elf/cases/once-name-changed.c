// SPDX-License-Identifier: GPL-2.0
// The initial value of a variable called "once" is checked like any other's.
// EXPECT 2
// SAYS the initial value of once in .data.once changes
#include "kern.h"
#ifdef PATCHED
static int once = 2;
#else
static int once = 1;
#endif
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return once++ + x;
}
