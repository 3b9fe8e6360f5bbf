// SPDX-License-Identifier: GPL-2.0
// New function, new static data, new global, new static local.
// CHANGED f
// NEW fresh
// DEFINES table
// DEFINES shared
// RELOC vmlinux.old_data,0
// NORELOC table
#include "kern.h"
static int old_data = 4;
#ifdef PATCHED
static int table = 7;
int shared;
static noinline int fresh(int x)
{
	static int calls;

	return ++calls + table++ + x;
}
#endif
int f(int x)
{
#ifdef PATCHED
	shared++;
	x += fresh(x);
#endif
	return helper(x) + old_data++;
}
