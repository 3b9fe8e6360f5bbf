// SPDX-License-Identifier: GPL-2.0
// A static key of the patched module is not known when jump labels are set.
// EXPECT 2
// PARENT some_module
// SAYS static_key_enabled(&key)
#include "kern.h"
static struct static_key key;
void enable(void) { key.enabled = 1; }
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	if (static_branch(&key))
		return 1;
	return helper(x);
}
