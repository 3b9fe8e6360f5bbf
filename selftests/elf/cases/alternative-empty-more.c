// SPDX-License-Identifier: GPL-2.0
// The same with the entries that kernels have since 6.3, and one of them in the patch.
// CHANGED f
// SAME g
// HAS .altinstructions
// HAS .altinstr_replacement
// NORELOC only_g
#include "kern.h"
#define ALTERNATIVE_14(oldi, newi, feature)				\
	asm volatile("661:	" oldi "\n662:\n"			\
		     ".pushsection .altinstructions,\"a\"\n"		\
		     "	.long 661b - ., 663f - .\n"			\
		     "	.4byte " #feature "\n"				\
		     "	.byte 662b - 661b, 664f - 663f\n"		\
		     ".popsection\n"					\
		     ".pushsection .altinstr_replacement,\"ax\"\n"	\
		     "663:	" newi "\n664:\n"			\
		     ".popsection\n" : : : "memory")
int only_g(void);
int f(int x)
{
	ALTERNATIVE_14("nop; nop; nop", "mfence", 0x20005);
#ifdef PATCHED
	x++;
#endif
	ALTERNATIVE_14("jmp 1f\n1:", "", 5);
	return helper(x);
}
int notrace g(int x)
{
	ALTERNATIVE_14("jmp 1f\n1:", "", 5);
	ALTERNATIVE_14("call helper", "call only_g", 9);
	return helper(x) + 1;
}
