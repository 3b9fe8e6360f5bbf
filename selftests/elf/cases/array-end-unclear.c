// SPDX-License-Identifier: GPL-2.0
// The end of an array, or the new variable behind it?
// EXPECT 2
// SAYS f in .text.f uses an address in .data..read_mostly that may be the end of tbl or in limit
#include "kern.h"
static int next __read_mostly = 1;
#ifdef PATCHED
static int limit __read_mostly = 5;
#endif
static int tbl[4] __read_mostly = {1};
int use(int *from, int *to);
int f(void)
{
#ifdef PATCHED
	helper(limit);
#endif
	use(tbl, tbl + 4);
	return next;
}
