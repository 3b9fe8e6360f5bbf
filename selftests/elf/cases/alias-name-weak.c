// SPDX-License-Identifier: GPL-2.0
// The other name of a table is weak, and the kernel's is that of another object.
// EXPECT 1
// NOSYM __left_out
// NOSYM ids
// SYMTAB 0000000000a00000 T ids
// SAYS __left_out is not in the symbol table of vmlinux
#include "kern.h"
const int __left_out[] = { 1, 2, 3 };
extern const int ids[3] __attribute__((__weak__, __alias__("__left_out")));
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return __left_out[x] + helper(x);
}
