// SPDX-License-Identifier: GPL-2.0
// On older kernels an alternative leaves its check of the lengths in .discard, which no
// function owns and which grows with them.
// CHANGED f
// SAME g
// HAS .altinstructions
// HASNOT .discard
#include "kern.h"
#define OLD_ALTERNATIVE(oldi, newi, feature)				\
	asm volatile("661:	" oldi "\n662:\n"			\
		     ".pushsection .altinstructions,\"a\"\n"		\
		     "	.long 661b - ., 663f - .\n"			\
		     "	.word " #feature "\n"				\
		     "	.byte 662b - 661b, 664f - 663f\n"		\
		     ".popsection\n"					\
		     ".pushsection .discard,\"aw\",@progbits\n"		\
		     "	.byte 0xff + (664f - 663f) - (662b - 661b)\n"	\
		     ".popsection\n"					\
		     ".pushsection .altinstr_replacement,\"ax\"\n"	\
		     "663:	" newi "\n664:\n"			\
		     ".popsection\n" : : : "memory")
int f(int x)
{
#ifdef PATCHED
	OLD_ALTERNATIVE("nop; nop; nop; nop", "lfence", 2);
#endif
	OLD_ALTERNATIVE("nop; nop; nop", "mfence", 2);
	return helper(x);
}
int g(int x)
{
	OLD_ALTERNATIVE("nop; nop; nop", "sfence", 3);
	return helper(x) + 1;
}
