// SPDX-License-Identifier: GPL-2.0
// Functions that may not be probed change, and a new one is one of them.
// CHANGED f
// NEW fresh
// SAYS warning: the new function fresh() has an entry in _kprobe_blacklist
// HASNOT _kprobe_blacklist
#include "kern.h"
#ifdef PATCHED
static noinline int fresh(int x) { return helper(x) + 7; }
NOKPROBE_SYMBOL(fresh);
#endif
int f(int x)
{
#ifdef PATCHED
	x = fresh(x);
#endif
	return helper(x);
}
NOKPROBE_SYMBOL(f);
