// SPDX-License-Identifier: GPL-2.0
// A function may be probed again, says the patch; in the kernel it may not.
// EXPECT 2
// SAYS removes an entry for f() from _kprobe_blacklist
#include "kern.h"
int f(int x) { return helper(x); }
#ifndef PATCHED
NOKPROBE_SYMBOL(f);
#endif
