// SPDX-License-Identifier: GPL-2.0
// Functions that the patch takes out of .init.text, to call them at run time:
// they are new, as the kernel's are gone. Their callers there have run.
// SYMTAB 0000000000000100 T _sinittext
// SYMTAB 0000000000100000 T _einittext
// CHANGED f
// NEW probe
// NEW probe_static
// SAME setup
// SAYS setup() in .init.text has run already, with probe() as it was
// GLOBAL probe
// NORELOC probe
#include "kern.h"
#ifdef PATCHED
#define init_before
#else
#define init_before __init
#endif
noinline int init_before probe(int x)
{
	return helper(x) + 7;
}
static noinline int init_before probe_static(int x)
{
	return helper(x) + 8;
}
int __init setup(int x)
{
	return probe(1) + probe_static(x) + x;
}
asm(".section .initcall6.init,\"a\"\n"
    "__initcall__kmod_x__1_9_probe6: .long probe - .\n.previous\n");
int f(int x)
{
#ifdef PATCHED
	if (x == 3)
		return probe(x) + probe_static(x);
#endif
	return helper(x);
}
