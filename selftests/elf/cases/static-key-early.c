// SPDX-License-Identifier: GPL-2.0
// For kpatch.ko the jump table is hidden from the kernel until the keys of
// vmlinux are filled in. What the module loader can do is left to it.
// CORE kpatch
// CHANGED f
// HAS .kpatch.jump_table
// HAS .kpatch.early
// HASNOT __jump_table
// EXPORT exported_key vmlinux
// EARLY key_b __tracepoint_thing
#include "kern.h"
extern struct static_key key_b, exported_key, __tracepoint_thing;
#ifdef PATCHED
struct static_key new_key;
#endif
int f(int x)
{
#ifdef PATCHED
	if (static_branch(&new_key))
		return 4;
#endif
	if (static_branch(&key_b))
		return 1;
	if (static_branch(&exported_key))
		return 2;
	if (static_branch(&__tracepoint_thing))
		return 3;
	return helper(x);
}
