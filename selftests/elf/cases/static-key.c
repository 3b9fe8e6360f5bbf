// SPDX-License-Identifier: GPL-2.0
// Another static key behind the same code bytes.
// CHANGED f
// SAME g
// HAS __jump_table
// SYMTAB 0000000000500000 D key_b
// RELOC vmlinux.key_b,0
// NORELOC key_a
#include "kern.h"
extern struct static_key key_a, key_b;
int f(int x)
{
#ifdef PATCHED
	if (static_branch(&key_b))
#else
	if (static_branch(&key_a))
#endif
		return 1;
	return helper(x);
}
int g(int x)
{
	if (static_branch(&key_a))
		return 3;
	return helper(x) + 1;
}
