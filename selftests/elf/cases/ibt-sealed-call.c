// SPDX-License-Identifier: GPL-2.0
// Calls and jumps of such functions, and pointers to others, are as they were.
// FLAGS -fcf-protection=branch
// SYMTAB # sealed 3000
// SYMTAB 0000000000700010 T get
// CHANGED f
// CHANGED g
// RELOC vmlinux.put,0
// RELOC vmlinux.get,0
#include "kern.h"
void later(void (*fn)(void *), void *p);
void put(void *p), get(void *p);
void g(void *p)
{
#ifdef PATCHED
	put(p);
#endif
	put(p);
}
int f(int *p)
{
#ifdef PATCHED
	later(get, p);
	put(p);
#endif
	return helper(*p);
}
