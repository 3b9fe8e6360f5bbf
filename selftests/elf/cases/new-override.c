// SPDX-License-Identifier: GPL-2.0
// A new function overrides a weak one of the kernel, which would stay in use.
// EXPECT 2
// SYMTAB ffffffff81234560 W arch_foo
// SAYS arch_foo in .text.arch_foo is new in this file
#include "kern.h"
int g(int x)
{
	return helper(x + 1);
}
#ifdef PATCHED
int arch_foo(int x)
{
	return helper(x) & 1;
}
#endif
