// SPDX-License-Identifier: GPL-2.0
// New code of that kind goes into the patch as a function does, to its end.
// CHANGED f
// NEW thunk
// DEFINES thunk
// DEFINES thunk_inside
#include "kern.h"
#ifdef PATCHED
asm(".pushsection .text\n"
    "thunk:	nop\n"
    "thunk_inside:\n"
    "	mov $77, %eax\n"
    "	ret\n"
    ".popsection\n");
int thunk(void);
#endif
int f(int x)
{
#ifdef PATCHED
	x += thunk();
#endif
	return helper(x);
}
