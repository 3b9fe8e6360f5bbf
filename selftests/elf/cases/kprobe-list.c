// SPDX-License-Identifier: GPL-2.0
// A function may no longer be probed: the kernel has read that list.
// EXPECT 2
// SAYS adds an entry for f() to _kprobe_blacklist
#include "kern.h"
int f(int x) { return helper(x); }
int g(int x) { return helper(x); }
NOKPROBE_SYMBOL(g);
#ifdef PATCHED
NOKPROBE_SYMBOL(f);
#endif
