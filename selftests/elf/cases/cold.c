// SPDX-License-Identifier: GPL-2.0
// Only the cold part differs: the function changes, and both parts go into the patch.
// CHANGED f
// DEFINES f.cold
// NORELOC f.cold
#include "kern.h"
void die(void) __attribute__((__cold__));
int f(int x)
{
	if (x > 100) {
		die();
#ifdef PATCHED
		helper(x * 3);
#else
		helper(x * 2);
#endif
		die();
		return 1;
	}
	return helper(x);
}
