// SPDX-License-Identifier: GPL-2.0
// The jump table of older kernels: three addresses an entry.
// CORE kpatch
// CHANGED f
// SAME g
// HAS .kpatch.jump_table
// HASNOT __jump_table
// EARLY key_b
#include "kern.h"
#define old_static_branch(key) \
	static_branch_entry(key, "	.quad 1b, %l[l_yes], %c0\n")
extern struct static_key key_a, key_b;
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	if (old_static_branch(&key_b))
		return 1;
	return helper(x);
}
int g(int x)
{
	if (old_static_branch(&key_a))
		return 1;
	return helper(x) + 1;
}
