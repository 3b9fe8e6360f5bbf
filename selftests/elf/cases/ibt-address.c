// SPDX-License-Identifier: GPL-2.0
// The kernel's copy of a function that was only called has no endbr64: a jump
// through a pointer to it is fatal where the processor looks for one.
// FLAGS -fcf-protection=branch
// EXPECT 2
// SAYS f in .text.f passes the address of put() on, which the kernel only calls
#include "kern.h"
void later(void (*fn)(void *), void *p);
static noinline void put(void *p)
{
	helper(*(int *)p);
	helper(1 + *(int *)p);
}
int f(int *p)
{
	if (*p)
		put(p);
#ifdef PATCHED
	else
		later(put, p);
#endif
	return helper(*p);
}
