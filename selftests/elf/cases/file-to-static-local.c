// SPDX-License-Identifier: GPL-2.0
// A variable of the file moves into the only function that uses it.
// CHANGED f
// RELOC vmlinux.cnt,0
// HASNOT .bss.cnt
#include "kern.h"
#ifndef PATCHED
static int cnt;
#endif
int f(int x)
{
#ifdef PATCHED
	static int cnt;

	x++;
#endif
	return helper(x + cnt++);
}
