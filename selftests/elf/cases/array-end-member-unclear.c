// SPDX-License-Identifier: GPL-2.0
// A loop that does not begin with the array's first element: its end may be
// meant, or a place in the new variable.
// EXPECT 2
// SAYS f in .text.f uses an address in .data..read_mostly that may be the end of ts or in limit
#include "kern.h"
struct st { long a, b, c; };
void lock(long *p);
#ifdef PATCHED
static long limit[2] __read_mostly = { 5, 6 };
#endif
static struct st ts[8] __read_mostly = { { 1, 2, 3 } };
int f(int x)
{
#ifdef PATCHED
	helper(x);
#endif
	for (int i = 1; i < 8; i++)
		lock(&ts[i].b);
	return x;
}
int h(int x)
{
#ifdef PATCHED
	if (x > limit[x & 1])
		return -1;
#endif
	return helper(x);
}
