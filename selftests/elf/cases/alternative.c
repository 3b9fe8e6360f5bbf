// SPDX-License-Identifier: GPL-2.0
// Only the replacement of an alternative changes, far away from the code.
// CHANGED f
// SAME g
// HAS .altinstructions
// HAS .altinstr_replacement
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	ALTERNATIVE("nop; nop; nop", "lfence", 2);
#else
	ALTERNATIVE("nop; nop; nop", "mfence", 2);
#endif
	return helper(x);
}
int g(int x)
{
	ALTERNATIVE("nop; nop; nop", "sfence", 3);
	return helper(x) + 1;
}
