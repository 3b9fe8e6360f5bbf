// SPDX-License-Identifier: GPL-2.0
// Static keys that are not read-only, or only in the patch.
// CHANGED f
// SYMTAB 0000000000500000 D __start_ro_after_init
// SYMTAB 0000000000500020 D __end_ro_after_init
// RELOC vmlinux.key,0
// NORELOC fresh
// HAS __jump_table
#include "kern.h"
extern struct static_key key;
#ifdef PATCHED
static struct static_key fresh __attribute__((__section__(".data..ro_after_init")));
#endif
int f(int x)
{
#ifdef PATCHED
	if (static_branch(&fresh))
		return 2;
#endif
	if (static_branch(&key))
		return 1;
	return helper(x);
}
