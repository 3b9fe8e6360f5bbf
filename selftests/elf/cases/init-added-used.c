// SPDX-License-Identifier: GPL-2.0
// A function gets into .init.text that is called at run time.
// EXPECT 2
// SAYS probe() in .init.text is init code, and f() would call it when it is gone
#include "kern.h"
noinline int
#ifdef PATCHED
__init
#endif
probe(int x)
{
	return helper(x) + 7;
}
int f(int x)
{
	return probe(1) + x;
}
