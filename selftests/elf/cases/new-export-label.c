// SPDX-License-Identifier: GPL-2.0
// An export that the kernel does not have, as EXPORT_SYMBOL() writes it since 6.4.
// EXPECT 2
// SAYS adds an exported symbol (g in vmlinux)
#include "kern.h"
#define EXPORT(sym)							\
	asm(".section .export_symbol,\"a\"\n__export_symbol_" #sym ":\n"	\
	    ".asciz \"GPL\"\n.ascii \"\\0\"\n.balign 8\n.quad " #sym "\n.previous\n")
#ifdef PATCHED
int g(int x) { return helper(x); }
EXPORT(g);
#endif
int f(int x) { return helper(x + 1); }
EXPORT(f);
