// SPDX-License-Identifier: GPL-2.0
// Init code that becomes global: nothing can call it any more.
// EXPECT 3
// SAME setup
#include "kern.h"
#ifndef PATCHED
static
#endif
noinline int __init setup(int x)
{
	return helper(x);
}
int __init all(int x)
{
	return setup(x) + setup(x + 1);
}
