// SPDX-License-Identifier: GPL-2.0
// A variable of the file gives way to one that the kernel has in another file.
// CHANGED f
// SYMTAB ffffffff81234560 D cnt
// RELOC vmlinux.cnt
#include "kern.h"
#ifdef PATCHED
extern int cnt;
#else
static int cnt = 3;
#endif
int f(int x)
{
	return helper(x + cnt++);
}
