// SPDX-License-Identifier: GPL-2.0
// The counter and the line in an initcall's name are no change.
// EXPECT 3
#include "kern.h"
int __init late(void) { return helper(3); }
#ifdef PATCHED
asm(".section .initcall6.init,\"a\"\n"
    "__initcall__kmod_x__31_19_late6: .long late - .\n.previous\n");
#else
asm(".section .initcall6.init,\"a\"\n"
    "__initcall__kmod_x__1_9_late6: .long late - .\n.previous\n");
#endif
