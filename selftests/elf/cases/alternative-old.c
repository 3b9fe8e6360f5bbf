// SPDX-License-Identifier: GPL-2.0
// On older kernels an alternative leaves its check of the lengths in .discard, which no
// function owns and which grows with them.
// CHANGED f
// SAME g
// HAS .altinstructions
// HASNOT .discard
#include "kern.h"
#define OLD_ALTERNATIVE(oldi, newi, feature)				\
	ALTERNATIVE_AND(oldi, newi, feature,				\
			".pushsection .discard,\"aw\",@progbits\n"	\
			"	.byte 0xff + (664f - 663f) - (662b - 661b)\n" \
			".popsection\n")
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
