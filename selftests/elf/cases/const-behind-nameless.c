// SPDX-License-Identifier: GPL-2.0
// A changed constant that only a replacement (of an alternative) leads to.
// CHANGED f
// SAME g
// NORELOC table
#include "kern.h"
#ifdef PATCHED
static const __used int table[] = { 1, 2, 4 };
#else
static const __used int table[] = { 1, 2, 3 };
#endif
int f(int x)
{
	int v = 0;

	asm volatile("661:	nopl 8(%%rax)\n	.byte 0x66, 0x66, 0x90\n662:\n"
		     ".pushsection .altinstructions,\"a\"\n"
		     "	.long 661b - ., 663f - .\n"
		     "	.word 9\n"
		     "	.byte 662b - 661b, 664f - 663f\n"
		     ".popsection\n"
		     ".pushsection .altinstr_replacement,\"ax\"\n"
		     "663:	movl table+8(%%rip), %0\n664:\n"
		     ".popsection\n" : "+r"(v));
	return helper(x) + v;
}
int g(int x)
{
	return helper(x);
}
