// SPDX-License-Identifier: GPL-2.0
// An assembler function without .size ends where the next one starts.
// EXPECT 2
// SAYS two() in .text has no ftrace site
#include "kern.h"
#ifdef PATCHED
#define RESULT "$3"
#else
#define RESULT "$2"
#endif
asm(".pushsection .text\n"
    ".type one, @function\n"
    "one:	mov $1, %eax\n"
    "	ret\n"
    ".balign 16\n"
    ".type two, @function\n"
    "two:	mov " RESULT ", %eax\n"
    "	ret\n"
    ".popsection\n");
int f(int x)
{
	return helper(x);
}
