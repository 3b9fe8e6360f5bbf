// SPDX-License-Identifier: GPL-2.0
// The same about a function that did not change.
// CHANGED f
// HASNOT .brand_new_sites
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int g(int x)
{
	asm volatile("1: nop\n.pushsection .brand_new_sites,\"a\"\n.quad 1b\n.popsection\n");
	return helper(x);
}
