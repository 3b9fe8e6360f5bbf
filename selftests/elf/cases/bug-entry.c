// SPDX-License-Identifier: GPL-2.0
// WARN() that hands its own entry of __bug_table over, by address.
// CHANGED f
// SAME g
// HAS __bug_table
// NORELOC bug_table
#include "kern.h"
#define WARN_ENTRY(line)						\
({									\
	void *entry;							\
	asm volatile("1: lea 2f(%%rip), %0\n"				\
		     ".pushsection __bug_table, \"aw\"\n"		\
		     "2: .long 1b - .\n"				\
		     ".long %c1 - .\n"					\
		     ".word " #line ", 1\n"				\
		     ".popsection\n" : "=r" (entry) : "i" ("file.c"));	\
	entry;								\
})
void *f(int x)
{
#ifdef PATCHED
	if (helper(x))
		return WARN_ENTRY(7);
#endif
	helper(x + 1);
	return WARN_ENTRY(8);
}
void *g(int x)
{
	helper(x + 2);
	return WARN_ENTRY(9);
}
