// SPDX-License-Identifier: GPL-2.0
// A weak function of a module that nothing overrides is patched as any other.
// PARENT m
// CHANGED hook
// SAME other
#include "kern.h"
int __attribute__((__weak__)) hook(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int other(int x) { return hook(x) + 1; }
