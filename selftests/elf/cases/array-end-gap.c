// SPDX-License-Identifier: GPL-2.0
// The end of an array is in the room in front of the next variable.
// CHANGED f
// RELOC vmlinux.tbl,0
#include "kern.h"
static long other __read_mostly = 1;
static char tbl[5] __read_mostly = {1};
static long next __read_mostly = 1;
int use(char *);
int f(void)
{
	char *p;

#ifdef PATCHED
	helper(5);
#endif
	for (p = tbl; p < tbl + 5; p++)
		use(p);
	return next + other;
}
