// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and only the cold part differs.
// CHANGED g
// SAYS changed with its callers: f
// DEFINES f.cold
#include "kern.h"
void die(void) __attribute__((__cold__));
static noinline notrace int f(int x)
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
int g(int x)
{
	return f(x) + 1;
}
