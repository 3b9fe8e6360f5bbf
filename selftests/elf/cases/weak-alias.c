// SPDX-License-Identifier: GPL-2.0
// The kernel has the weak name of a function from elsewhere, but its strong name
// is the function's own.
// NOSYM arch_hook
// SYMTAB 0000000000a00000 T arch_hook
// CHANGED hook
#include "kern.h"
asm(".weak arch_hook");	/* first in the symbol table */
int hook(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int arch_hook(int x) __attribute__((__weak__, __alias__("hook")));
