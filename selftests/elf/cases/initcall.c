// SPDX-License-Identifier: GPL-2.0
// Initcalls carry a counter and a line in their name; a new one would never run.
// EXPECT 2
// SAYS an initcall
#include "kern.h"
#ifdef PATCHED
int __init late(void) { return helper(3); }
asm(".section .initcall6.init,\"a\"\n"
    "__initcall__kmod_x__1_9_late6: .long late - .\n.previous\n");
#endif
int f(int x) { return helper(x + 1); }
