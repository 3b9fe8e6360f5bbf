// SPDX-License-Identifier: GPL-2.0
// The bytes of a list of BTF ids are zeros: only the label says what is in it.
// EXPECT 2
// SAYS variable list in .BTF_ids
#include "kern.h"
asm(BTF_ID_LIST(list)
#ifdef PATCHED
    BTF_ID(struct, sock_2, 1)
#else
    BTF_ID(struct, sock_1, 1)
#endif
    BTF_END);
extern unsigned int list[];
int f(int x) { return helper(list[0]); }
