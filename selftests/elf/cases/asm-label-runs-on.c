// SPDX-License-Identifier: GPL-2.0
// New assembler code runs into the function behind it, which its copy would not reach.
// EXPECT 2
// SAYS entry() in .text cannot be moved
#include "kern.h"
#ifdef PATCHED
int entry(void);
asm(".pushsection .text\n"
    "entry:	mov $77, %edi\n"
    ".popsection\n");
#endif
asm(".pushsection .text\n"
    ".globl body\n"
    ".type body, @function\n"
    "body:	jmp helper\n"
    ".size body, . - body\n"
    ".popsection\n");
int f(int x)
{
#ifdef PATCHED
	x += entry();
#endif
	return helper(x);
}
