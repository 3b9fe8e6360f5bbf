// SPDX-License-Identifier: GPL-2.0
// A function moves here from another file: the kernel's callers would keep the old one.
// EXPECT 2
// SAYS foo in .text.foo is new in this file
#include "kern.h"
int foo(int x);
#ifdef PATCHED
int noinline foo(int x)
{
	if (x < 0)
		return -1;
	return helper(x);
}
#endif
int f(int x)
{
	return foo(x) * 3;
}
