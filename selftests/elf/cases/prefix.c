// SPDX-License-Identifier: GPL-2.0
// Call padding: 16 bytes in front of every function, and their table.
// FLAGS -fpatchable-function-entry=16,16
// CHANGED f
// SAME g
// HAS __patchable_function_entries
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
	return helper(x) + 1;
}
