// SPDX-License-Identifier: GPL-2.0
// A table does not say that a function is weak, but the proof that it is the
// object's own.
// NOSYM f
// SYMTAB 0000000000a00000 T f
// SYMTAB # proved f a00000
// CHANGED f
#include "kern.h"
int __attribute__((__weak__)) f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
