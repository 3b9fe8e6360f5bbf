// SPDX-License-Identifier: GPL-2.0
// A shift count that the kernel writes into its code at boot has no load of its size.
// EXPECT 2
// SAYS f() has a constant that the kernel writes into its code at boot (section runtime_shift_count)
#include "kern.h"
int f(unsigned int x)
{
#ifdef PATCHED
	x++;
#endif
	asm("shrl $12, %0\n1:\n.pushsection runtime_shift_count,\"a\"\n"
	    "	.long 1b - 1 - .\n.popsection\n" : "+r"(x));
	return helper(x);
}
