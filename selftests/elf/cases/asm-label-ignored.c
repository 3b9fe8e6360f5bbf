// SPDX-License-Identifier: GPL-2.0
// The same where the author says that it does not matter.
// CHANGED f
// SAME thunk
// RELOC vmlinux.thunk,0
#include "kern.h"
#ifdef PATCHED
#define SIZE "$3"
#else
#define SIZE "$2"
#endif
asm(".pushsection .text.thunks,\"ax\"\n"
    "thunk:	mov " SIZE ", %eax\n"
    "	ret\n"
    ".popsection\n");
int thunk(void);
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + thunk();
}
#ifdef PATCHED
static const char * const mark __attribute__((__used__, __section__(".kpatch.ignore.sections"))) =
	".text.thunks";
#endif
