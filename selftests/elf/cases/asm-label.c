// SPDX-License-Identifier: GPL-2.0
// Assembler code behind a label without .type: what calls it cannot be redirected.
// EXPECT 2
// SAYS thunk in .text is assembler code without .type
#include "kern.h"
#ifdef PATCHED
#define REG "%rdx"
#else
#define REG "%rcx"
#endif
asm(".pushsection .text\n"
    ".globl thunk\n"
    "thunk:	push %rax\n"
    "	push " REG "\n"
    "	call helper\n"
    "	pop " REG "\n"
    "	pop %rax\n"
    "	ret\n"
    ".popsection\n");
int f(int x)
{
	return helper(x);
}
