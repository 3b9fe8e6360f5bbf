// SPDX-License-Identifier: GPL-2.0
// A table that the tool has never heard of, and the author says to leave out.
// CHANGED f
// HASNOT .brand_new_sites
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	asm volatile("1: nop\n.pushsection .brand_new_sites,\"a\"\n.quad 1b\n.popsection\n");
	return helper(x);
}
#ifdef PATCHED
static const char * const mark __attribute__((__used__, __section__(".kpatch.ignore.sections"))) =
	".brand_new_sites";
#endif
