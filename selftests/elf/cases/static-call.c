// SPDX-License-Identifier: GPL-2.0
// A static call is two offsets: the call, and its key.
// CHANGED f
// SAME g
// RELOC vmlinux.__SCK__foo,0
// TABLE .static_call_sites 8
#include "kern.h"
void __SCT__foo(void);
#define static_call_foo()						\
	asm volatile("1:	call __SCT__foo\n"			\
		     ".pushsection .static_call_sites,\"aw\"\n"		\
		     "	.balign 4\n"					\
		     "	.long 1b - ., __SCK__foo - .\n"			\
		     ".popsection\n" : : : "memory")
int f(int x)
{
	static_call_foo();
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int g(int x)
{
	static_call_foo();
	return helper(-x);
}
