// SPDX-License-Identifier: GPL-2.0
// Only the counters and lines in the labels of a set of BTF ids differ.
// EXPECT 3
#include "kern.h"
asm(BTF_ID_LIST(set)
    "__BTF_ID__set8__set:\n .zero 4\n .long 1\n"
#ifdef PATCHED
    BTF_ID(func, f, 1239) ".long 0x10\n" BTF_ID(func, f2, 1340) ".long 0x10\n"
#else
    BTF_ID(func, f, 77) ".long 0x10\n" BTF_ID(func, f2, 899) ".long 0x10\n"
#endif
    ".size __BTF_ID__set8__set, . - set\n" BTF_END);
extern unsigned int set[];
int f(int x) { return helper(set[0]); }
int f2(int x) { return helper(x); }
