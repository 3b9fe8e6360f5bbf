// SPDX-License-Identifier: GPL-2.0
// A new static local of a name that the function has already: which one is new?
// EXPECT 2
// SAYS static variables called count
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	if (x > 7) {
		static int count = 5;

		helper(count++);
	}
#endif
	if (x > 5) {
		static int count = 5;

		helper(count++ + 1);
	}
	return helper(x);
}
