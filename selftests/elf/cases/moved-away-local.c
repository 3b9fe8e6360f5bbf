// SPDX-License-Identifier: GPL-2.0
// A static local moves to another file, and its function gets another name.
// EXPECT 2
// SAYS while a function that uses it used cnt.0 in .bss.cnt.0 before
#include "kern.h"
#ifdef PATCHED
extern int cnt;
#define g g_locked
#endif
static noinline int g(int x)
{
#ifndef PATCHED
	static int cnt;
#endif
	return helper(x + cnt++);
}
int f(int x)
{
	return g(x) + 1;
}
