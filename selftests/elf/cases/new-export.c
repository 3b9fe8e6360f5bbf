// SPDX-License-Identifier: GPL-2.0
// An export that the kernel does not have.
// EXPECT 2
// SAYS adds an exported symbol (g in vmlinux)
// SAYS leave EXPORT_SYMBOL() out
#include "kern.h"
#ifdef PATCHED
int g(int x) { return helper(x); }
asm(".section ___ksymtab+g,\"a\"\n"
    ".type __ksymtab_g, @object\n"
    "__ksymtab_g: .long g - ., 0, 0\n"
    ".size __ksymtab_g, 12\n.previous\n");
#endif
int f(int x) { return helper(x + 1); }
