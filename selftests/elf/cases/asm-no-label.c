// SPDX-License-Identifier: GPL-2.0
// Text without any name is a part of what leads to it, and changes with that.
// CHANGED f
#include "kern.h"
#define OUT_OF_LINE(x)							\
	asm volatile("	test %0, %0\n	js 1f\n2:\n"			\
		     ".pushsection .text..refcount,\"ax\"\n"		\
		     "1:	mov $77, %%eax\n	ud2\n	jmp 2b\n" \
		     ".popsection\n" : : "r"(x) : "eax")
int g(int x)
{
	OUT_OF_LINE(x);
	return helper(x) + 1;
}
int f(int x)
{
#ifdef PATCHED
	OUT_OF_LINE(x);
#endif
	return helper(x);
}
