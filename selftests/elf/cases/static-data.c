// SPDX-License-Identifier: GPL-2.0
// The initial value of a variable.
// EXPECT 2
// SAYS the initial value of limit
// SAYS KPATCH_PRE_PATCH_CALLBACK
#include "kern.h"
#ifdef PATCHED
static int limit = 10;
#else
static int limit = 11;
#endif
int f(int x)
{
	return x + limit++;
}
