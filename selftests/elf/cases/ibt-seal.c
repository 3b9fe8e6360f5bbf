// SPDX-License-Identifier: GPL-2.0
// What objtool takes for a function without a pointer to it, because it sees
// one object alone: another file of the patch may have one.
// FLAGS -fcf-protection=branch
// CHANGED f
// NEW n
// HASNOT .ibt_endbr_seal
#include "kern.h"
#ifdef PATCHED
int n(int x)
{
	return helper(x) + 1;
}
asm(".pushsection .ibt_endbr_seal,\"a\"\n"
    "	.long n - .\n"
    ".popsection\n");
#endif
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
