// SPDX-License-Identifier: GPL-2.0
// The same with a proof: ours is the third of four.
// SYMTAB 0000000000a00000 t worker2
// SYMTAB 0000000000a01000 t worker2
// SYMTAB 0000000000a02000 t worker2
// SYMTAB # proved worker2 a01000
// RELOC vmlinux.worker2,3
#include "kern.h"
static noinline int worker2(int x) { return helper(x) + 3; }
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return worker2(x) + 1;
}
