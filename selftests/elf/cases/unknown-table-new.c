// SPDX-License-Identifier: GPL-2.0
// A table that the tool has never heard of, about a function that is new.
// EXPECT 1
// SAYS section .brand_new_sites refers to the new function g
#include "kern.h"
#ifdef PATCHED
int g(int x)
{
	asm volatile("1: nop\n.pushsection .brand_new_sites,\"a\"\n.quad 1b\n.popsection\n");
	return helper(x);
}
#endif
int f(int x)
{
	return helper(x);
}
