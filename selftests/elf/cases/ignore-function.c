// SPDX-License-Identifier: GPL-2.0
// The author says that a function's change does not matter.
// CHANGED g
// SAME f
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int g(int x)
{
#ifdef PATCHED
	x--;
#endif
	return helper(x);
}
#ifdef PATCHED
static void * const mark __attribute__((__used__, __section__(".kpatch.ignore.functions"))) = (void *)f;
#endif
