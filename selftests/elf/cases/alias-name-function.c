// SPDX-License-Identifier: GPL-2.0
// A changed function is looked up by the name that is in kallsyms.
// NOSYM __left_out
// RELOC vmlinux.helper2,0
// CHANGED shown
#include "kern.h"
static noinline int helper2(int x) { return helper(x) + 1; }
int __attribute__((__alias__("shown"))) __left_out(int x);
int shown(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper2(x) + 1;
}
