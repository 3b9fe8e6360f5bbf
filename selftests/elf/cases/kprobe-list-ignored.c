// SPDX-License-Identifier: GPL-2.0
// The author leaves the new entry of a list out.
// EXPECT 3
#include "kern.h"
int f(int x) { return helper(x); }
#ifdef PATCHED
NOKPROBE_SYMBOL(f);
static const char * const mark __used __attribute__((__section__(".kpatch.ignore.sections"))) =
	"_kprobe_blacklist";
#endif
