// SPDX-License-Identifier: GPL-2.0
// Such code that does not change stays the kernel's, wherever the functions around it
// move it to.
// FLAGS -fno-toplevel-reorder
// CHANGED f
// SAME thunk
// SAME g
// RELOC vmlinux.thunk,0
#include "kern.h"
#define __sched __attribute__((__section__(".sched.text")))
extern int thunk(int x), untyped(int x);
int __sched f(int x)
{
#ifdef PATCHED
	x = helper(x) + helper(x + 1);
#endif
	return thunk(x) + 1;
}
asm(".pushsection .sched.text,\"ax\"\n"
    "thunk:	mov %edi, %eax\n"
    "thunk_inside:\n"
    "	cmp $1, %eax\n"
    "	je helper\n"
    "	jmp g\n"
    ".popsection\n");
/* the .type alone does not say where it ends */
asm(".pushsection .sched.text,\"ax\"\n"
    ".type untyped, @function\n"
    "untyped:	jmp g\n"
    ".popsection\n");
int __sched g(int x)
{
	return untyped(x - 1) + thunk(x) + 1;
}
