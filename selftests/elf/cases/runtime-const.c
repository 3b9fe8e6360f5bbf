// SPDX-License-Identifier: GPL-2.0
// A constant that the kernel writes into its code at boot: loaded instead.
// EXPORT LIMIT vmlinux
// CHANGED f
// CHANGED g
// NEW h
// HASNOT runtime_ptr_LIMIT
// HASNOT runtime_ptr_table
// NORELOC LIMIT
// RELOC vmlinux.table,0
// CODE f mov *0x0\(%rip\),%r
// CODE h mov *0x0\(%rip\),%r
// NOCODE f movabs
// NOCODE g movabs
// NOCODE h movabs
#include "kern.h"
#define CONSTANT(sym)							\
({									\
	unsigned long r_;						\
									\
	asm("mov $0x0123456789abcdef, %0\n1:\n"				\
	    ".pushsection runtime_ptr_" #sym ",\"a\"\n"			\
	    "	.long 1b - 8 - .\n.popsection\n" : "=r"(r_));		\
	r_;								\
})
static unsigned long table __used = 1;
int f(unsigned long x)
{
#ifdef PATCHED
	x++;
#endif
	return x <= CONSTANT(LIMIT) ? helper(x) : -14;
}
int g(unsigned long x)
{
	register unsigned long r9 asm("r9") = CONSTANT(table);

	asm volatile("" : "+r"(r9));
#ifdef PATCHED
	x++;
#endif
	return helper(x + r9);
}
#ifdef PATCHED
int h(unsigned long x)
{
	return x <= CONSTANT(LIMIT) ? helper(x) : -14;
}
#endif
