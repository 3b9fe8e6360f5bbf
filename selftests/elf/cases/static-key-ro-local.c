// SPDX-License-Identifier: GPL-2.0
// The same of the file itself, for kpatch.ko: it hands the table to the kernel.
// EXPECT 2
// CORE kpatch
// NOSYM key_ro
// SYMTAB 0000000000500000 D __start_ro_after_init
// SYMTAB 0000000000500010 d key_ro
// SYMTAB 0000000000500020 D __end_ro_after_init
// SAYS static_key_enabled(&key_ro)
#include "kern.h"
static struct static_key key_ro __attribute__((__section__(".data..ro_after_init")));
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	if (static_branch(&key_ro))
		return 1;
	return helper(x);
}
void __init setup(void)
{
	key_ro.enabled = 1;
}
