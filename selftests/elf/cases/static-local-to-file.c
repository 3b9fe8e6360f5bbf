// SPDX-License-Identifier: GPL-2.0
// A static local moves to the level of the file, so that another function can use it, too.
// CHANGED g
// SAME f
// RELOC vmlinux.cnt.
// HASNOT .data.cnt
#include "kern.h"
#ifdef PATCHED
static int cnt = 3;
#endif
int f(int x)
{
#ifndef PATCHED
	static int cnt = 3;
#endif
	return helper(x + cnt++);
}
int g(int x)
{
#ifdef PATCHED
	cnt = 0;
#endif
	return helper(-x);
}
