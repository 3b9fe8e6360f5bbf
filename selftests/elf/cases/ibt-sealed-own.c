// SPDX-License-Identifier: GPL-2.0
// The same for one of this file, which did not change: it has its endbr64 here.
// FLAGS -fcf-protection=branch
// SYMTAB # sealed 1000
// SYMTAB # sealed 2000
// SYMTAB # sealed 3000
// EXPECT 2
// SAYS ops in .data.ops passes the address of put() on, which the kernel only calls
#include "kern.h"
struct ops { void (*fn)(void *); };
void later(struct ops *ops, void *p);
noinline void put(void *p)
{
	helper(*(int *)p);
	helper(1 + *(int *)p);
}
#ifdef PATCHED
static struct ops ops = { put };
#endif
int f(int *p)
{
#ifdef PATCHED
	later(&ops, p);
#endif
	return helper(*p);
}
