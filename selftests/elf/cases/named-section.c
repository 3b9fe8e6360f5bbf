// SPDX-License-Identifier: GPL-2.0
// Several functions and variables in sections that an attribute names.
// CHANGED b
// SAME a
// SAME c
// RELOC vmlinux.vb,0
#include "kern.h"
#define __sched __attribute__((__section__(".sched.text")))
static int va __read_mostly = 1, vb __read_mostly = 2, vc __read_mostly = 3;
int __sched a(int x) { va = 5; return helper(x) + vb; }
int __sched b(int x)
{
#ifdef PATCHED
	x++;
#endif
	vb = 6;
	return helper(x);
}
int __sched c(int x) { vc = 7; return helper(x) + va; }
