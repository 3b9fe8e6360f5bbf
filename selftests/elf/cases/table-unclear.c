// SPDX-License-Identifier: GPL-2.0
// Where the period of the references cannot be the size of an entry.
// EXPECT 1
// SAYS section .parainstructions: the entry at 0x8 (8 bytes, as its relocations repeat) refers to no code
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	asm volatile("1:	nop\n"
		     ".pushsection .parainstructions,\"a\"\n"
		     "	.quad 1b, somewhere\n"
		     ".popsection\n");
	return helper(x);
}
