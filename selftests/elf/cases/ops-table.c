// SPDX-License-Identifier: GPL-2.0
// Another function in a table of operations.
// EXPECT 2
// SAYS ops
#include "kern.h"
struct ops { int (*a)(int); int (*b)(int); };
static int one(int x) { return helper(x); }
static int two(int x) { return helper(x + 1); }
#ifdef PATCHED
const struct ops ops = { one, two };
#else
const struct ops ops = { one, one };
#endif
