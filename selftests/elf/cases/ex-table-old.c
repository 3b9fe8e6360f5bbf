// SPDX-License-Identifier: GPL-2.0
// Before 4.6 an entry is two offsets.
// CHANGED f
// SAME g
// TABLE __ex_table 8
#include "kern.h"
#define LOAD(p, v, e)							\
	asm volatile("1:	movl (%2), %1\n2:\n"			\
		     ".pushsection .fixup,\"ax\"\n"			\
		     "3:	movl $-14, %0\n	jmp 2b\n"		\
		     ".popsection\n"					\
		     ".pushsection __ex_table,\"a\"\n"			\
		     "	.balign 4\n"					\
		     "	.long 1b - ., 3b - .\n"	\
		     ".popsection\n" : "+r"(e), "=r"(v) : "r"(p) : "memory")
int f(int *p)
{
	int e = 0, v;

	LOAD(p, v, e);
#ifdef PATCHED
	v++;
#endif
	return helper(v + e);
}
int g(int *p)
{
	int e = 0, v;

	LOAD(p, v, e);
	return helper(v - e);
}
