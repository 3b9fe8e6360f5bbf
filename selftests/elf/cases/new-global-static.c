// SPDX-License-Identifier: GPL-2.0
// A new function may have the name of a static one elsewhere in the kernel.
// SYMTAB ffffffff81234560 t is_valid
// CHANGED f
// NEW is_valid
// NORELOC is_valid
#include "kern.h"
#ifdef PATCHED
int noinline is_valid(int x)
{
	return helper(x) & 1;
}
#endif
int f(int x)
{
#ifdef PATCHED
	if (!is_valid(x))
		return -1;
#endif
	return helper(x);
}
