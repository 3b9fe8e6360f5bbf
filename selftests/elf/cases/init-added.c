// SPDX-License-Identifier: GPL-2.0
// What only init code calls gets into .init.text: no change.
// EXPECT 3
#include "kern.h"
noinline int
#ifdef PATCHED
__init
#endif
probe(int x)
{
	return helper(x) + 7;
}
int __init setup(int x)
{
	return probe(1) + x;
}
