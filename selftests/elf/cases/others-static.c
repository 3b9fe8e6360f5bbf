// SPDX-License-Identifier: GPL-2.0
// A function of another file of the patch, and a static one of its name in the kernel.
// SYMTAB ffffffff81234560 t is_valid
// CHANGED f
// NORELOC is_valid
// RELOC vmlinux.helper,0
#include "kern.h"
int is_valid(int);
int f(int x)
{
#ifdef PATCHED
	if (!is_valid(x))
		return -1;
#endif
	return helper(x);
}
