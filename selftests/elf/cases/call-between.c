// SPDX-License-Identifier: GPL-2.0
// A changed function calls another changed one: directly.
// CHANGED outer
// CHANGED inner
// NORELOC inner
#include "kern.h"
static noinline int inner(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int outer(int x)
{
#ifdef PATCHED
	x += 4;
#endif
	return inner(x) + 1;
}
