// SPDX-License-Identifier: GPL-2.0
// Kernels whose build writes __mcount_loc after compiling (recordmcount): the
// patch's functions get their entries from us, code that goes after init does not.
// FLAGS -mno-record-mcount
// CHANGED f
// NEW fresh
// NEW once
// SITES .text.f+0 .text.fresh+0
#include "kern.h"
#ifdef PATCHED
static noinline int fresh(int x)
{
	return helper(x) + helper(x + 1);
}
static noinline __used int __init once(int x)
{
	return helper(x) * 3;
}
#endif
int f(int x)
{
#ifdef PATCHED
	if (x == 4711)
		return once(x);
	return fresh(x);
#else
	return helper(x);
#endif
}
int g(int x)
{
	return helper(x) - 1;
}
