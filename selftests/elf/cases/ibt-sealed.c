// SPDX-License-Identifier: GPL-2.0
// A function of another file that the kernel took the endbr64 away from when it
// started, as it only calls it: nothing may point to it.
// FLAGS -fcf-protection=branch
// SYMTAB 0000000000700000 T put
// SYMTAB # sealed 700000
// EXPECT 2
// SAYS f in .text.f passes the address of put() on, which the kernel only calls
#include "kern.h"
void later(void (*fn)(void *), void *p);
void put(void *p);
int f(int *p)
{
#ifdef PATCHED
	later(put, p);
#endif
	return helper(*p);
}
