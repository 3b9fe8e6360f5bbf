// SPDX-License-Identifier: GPL-2.0
// An alternative without a replacement refers to where the next function's starts.
// CHANGED g
// SAME f
#include "kern.h"
int notrace f(int x)
{
	ALTERNATIVE("jmp 1f\n1:", "", 5);
	return helper(x);
}
int g(int x)
{
#ifdef PATCHED
	ALTERNATIVE("nop; nop; nop", "stac", 9);
#endif
	return helper(-x);
}
