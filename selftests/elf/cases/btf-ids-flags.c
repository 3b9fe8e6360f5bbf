// SPDX-License-Identifier: GPL-2.0
// The flags of a kernel function in a set of BTF ids change: that is data that
// the kernel has read.
// EXPECT 2
// SAYS .BTF_ids
// SAYS list
#include "kern.h"
#ifdef PATCHED
#define FLAGS ".long 0x11\n"
#else
#define FLAGS ".long 0x10\n"
#endif
asm(BTF_ID_LIST(list) BTF_ID(func, f, 1) FLAGS BTF_END);
int f(int x) { return helper(x); }
