// SPDX-License-Identifier: GPL-2.0
// Nobody would fill in a new list of BTF ids.
// EXPECT 2
// SAYS more in .BTF_ids
#include "kern.h"
asm(BTF_ID_LIST(list) BTF_ID(struct, sock, 1)
#ifdef PATCHED
    ".local more\nmore:\n" BTF_ID(struct, file, 2)
#endif
    BTF_END);
extern unsigned int list[], more[];
int f(int x)
{
#ifdef PATCHED
	if (x == more[0])
		return 1;
#endif
	return helper(list[0]);
}
