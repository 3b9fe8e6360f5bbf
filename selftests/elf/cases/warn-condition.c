// SPDX-License-Identifier: GPL-2.0
// A WARN whose condition changes is a change, and takes its bug entry along.
// CHANGED f
// SAME g
// HAS __bug_table
// RELOC vmlinux.helper,0
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	if (x > 6)
#else
	if (x > 5)
#endif
		WARN();
	return helper(x);
}
int g(int x)
{
	if (x > 5)
		WARN();
	return x;
}
