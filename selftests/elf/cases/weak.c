// SPDX-License-Identifier: GPL-2.0
// A weak function that the kernel has from elsewhere must not replace the other's.
// NOSYM f
// SYMTAB 0000000000a00000 T f
// CHANGED g
// SAME f
// SAYS the weak function f() has no effect
// RELOC vmlinux.f,0
#include "kern.h"
int __attribute__((__weak__)) f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int g(int x)
{
#ifdef PATCHED
	x--;
#endif
	return f(x) + 1;
}
