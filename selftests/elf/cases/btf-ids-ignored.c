// SPDX-License-Identifier: GPL-2.0
// The author leaves the change of BTF ids out.
// CHANGED f
// HASNOT .BTF_ids
#include "kern.h"
#ifdef PATCHED
#define FLAGS ".long 0x11\n"
static const char * const mark __used __attribute__((__section__(".kpatch.ignore.sections"))) =
	".BTF_ids";
#else
#define FLAGS ".long 0x10\n"
#endif
asm(BTF_ID_LIST(list) BTF_ID(func, f, 1) FLAGS BTF_END);
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
