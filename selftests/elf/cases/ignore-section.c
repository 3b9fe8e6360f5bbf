// SPDX-License-Identifier: GPL-2.0
// The author says that a section's change does not matter.
// CHANGED g
#include "kern.h"
#ifdef PATCHED
static int limit __read_mostly = 10;
static const char * const mark __attribute__((__used__, __section__(".kpatch.ignore.sections"))) =
	".data..read_mostly";
#else
static int limit __read_mostly = 11;
#endif
int g(int x)
{
#ifdef PATCHED
	x--;
#endif
	return helper(x) + limit++;
}
