// SPDX-License-Identifier: GPL-2.0
// Two local functions of one name in the kernel and no proof which one it is.
// EXPECT 1
// SYMTAB 0000000000900000 t worker
// SAYS worker
#include "kern.h"
static noinline int worker(int x) { return helper(x) + 3; }
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return worker(x) + 1;
}
