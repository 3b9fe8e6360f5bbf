// SPDX-License-Identifier: GPL-2.0
// Another file of the patch takes a function out of .init.text: the kernel's is
// gone. What was used before, by code that knows when it may, stays.
// SYMTAB 0000000000000100 T _sinittext
// SYMTAB 0000000000100000 T _einittext
// CHANGED f
// NORELOC vmlinux.probe
// RELOC vmlinux.old,0
// RELOC vmlinux.helper,0
#include "kern.h"
int probe(int), old(int);
int booting;
int __init setup(int x)
{
	return probe(x) + 1;
}
int f(int x)
{
#ifdef PATCHED
	if (x == 3)
		return probe(x);
#endif
	return booting ? old(x) : helper(x);
}
