// SPDX-License-Identifier: GPL-2.0
// A constant that refers to a constant that refers to a constant ...: not more
// of them are followed than the stack can take.
// EXPECT 2
// SAYS f() in .text.f has no ftrace site
#include "kern.h"
asm(".pushsection .rodata.cst8,\"aM\",@progbits,8\n"
    "chain:\n"
    ".rept 15000\n"
    "	.quad .rodata.cst8 + (. - chain) + 8\n"
    ".endr\n"
    "	.quad 1\n"
    ".popsection\n");
extern long chain[];
int notrace f(int x)
{
	return helper(x) + chain[0];
}
int g(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
