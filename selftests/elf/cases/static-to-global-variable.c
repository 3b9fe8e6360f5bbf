// SPDX-License-Identifier: GPL-2.0
// A static variable that other files of the patch could use now: they would
// not find the kernel's.
// EXPECT 2
// SAYS count in .bss.count was static
#include "kern.h"
#ifndef PATCHED
static
#endif
int count;
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + count++;
}
