// SPDX-License-Identifier: GPL-2.0
// A table that the tool has never heard of.
// EXPECT 1
// SAYS section .brand_new_sites refers to the changed function f
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	asm volatile("1: nop\n.pushsection .brand_new_sites,\"a\"\n.quad 1b\n.popsection\n");
	return helper(x);
}
