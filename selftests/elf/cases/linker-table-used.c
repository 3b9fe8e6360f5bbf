// SPDX-License-Identifier: GPL-2.0
// What code of the patch uses goes with it, whatever section it is in.
// CHANGED f
// HAS .slots
// DEFINES slot
#include "kern.h"
#ifdef PATCHED
static int slot __attribute__((__section__(".slots"))) = 4;
#endif
int f(int x)
{
#ifdef PATCHED
	x += slot++;
#endif
	return helper(x);
}
