// SPDX-License-Identifier: GPL-2.0
// The kernel leaves keys alone that are read-only since boot: it has a function
// that marks them.
// CHANGED f
// NOSYM key_ro
// SYMTAB 0000000000500000 D __start_ro_after_init
// SYMTAB 0000000000500010 D key_ro
// SYMTAB 0000000000500020 D __end_ro_after_init
// SYMTAB 0000000000600000 T jump_label_init_ro
// RELOC vmlinux.key_ro,0
// HAS __jump_table
#include "kern.h"
extern struct static_key key_ro;
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	if (static_branch(&key_ro))
		return 1;
	return helper(x);
}
