// SPDX-License-Identifier: GPL-2.0
// Two objects have a weak function of one name: the proof says that the
// kernel's is not this one.
// SYMTAB # proved f a00000
// CHANGED g
// SAME f
// SAYS the weak function f() has no effect
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
