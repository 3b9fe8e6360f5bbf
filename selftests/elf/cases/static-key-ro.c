// SPDX-License-Identifier: GPL-2.0
// A static key that is read-only since boot: a kernel that writes into it while
// a module loads would fault.
// EXPECT 2
// NOSYM key_ro
// SYMTAB 0000000000500000 D __start_ro_after_init
// SYMTAB 0000000000500010 D key_ro
// SYMTAB 0000000000500020 D __end_ro_after_init
// SAYS static_key_enabled(&key_ro)
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
