// SPDX-License-Identifier: GPL-2.0
// Before 6.1 the last entry of .parainstructions lacks its padding.
// CHANGED f
// SAME g
// HAS .parainstructions
#include "kern.h"
#define PARA(type)							\
	asm volatile("771:	nop; nop; nop\n772:\n"			\
		     ".pushsection .parainstructions,\"a\"\n"		\
		     "	.balign 8\n	.quad 771b\n"			\
		     "	.byte " #type ", 772b - 771b\n	.short 1\n"	\
		     ".popsection\n")
int g(int x)
{
	PARA(3);
	return helper(x);
}
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	PARA(5);
	return helper(x);
}
