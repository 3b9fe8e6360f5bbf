// SPDX-License-Identifier: GPL-2.0
// A static key moves to another file: code does not refer to it, its table does.
// EXPECT 2
// SAYS the new variable key of another file would start from its initial value
#include "kern.h"
#ifdef PATCHED
extern struct static_key key;
#else
static struct static_key key;
#endif
int f(int x)
{
	if (static_branch(&key))
		return helper(x);
	return x;
}
