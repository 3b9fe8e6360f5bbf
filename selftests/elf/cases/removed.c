// SPDX-License-Identifier: GPL-2.0
// A function goes away: its caller does its work.
// CHANGED f
#include "kern.h"
#ifndef PATCHED
static noinline int old_helper(int x) { return helper(x) + 3; }
#endif
int f(int x)
{
#ifdef PATCHED
	return helper(x) + 4;
#else
	return old_helper(x);
#endif
}
