// SPDX-License-Identifier: GPL-2.0
// The jump table of older kernels: three addresses an entry.
// CORE kpatch
// CHANGED f
// SAME g
// HAS .kpatch.jump_table
// HASNOT __jump_table
// EARLY key_b
#include "kern.h"
#define old_static_branch(key)						\
({									\
	__label__ l_yes;						\
	int r_ = 0;							\
									\
	asm goto("1:	.byte 0x0f,0x1f,0x44,0x00,0x00\n"		\
		 ".pushsection __jump_table,\"aw\"\n"			\
		 "	.balign 8\n"					\
		 "	.quad 1b, %l[l_yes], %c0\n"			\
		 ".popsection\n" : : "i"(key) : : l_yes);		\
	if (0) {							\
l_yes:									\
		r_ = 1;							\
	}								\
	r_;								\
})
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
