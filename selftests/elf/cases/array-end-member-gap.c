// SPDX-License-Identifier: GPL-2.0
// The same where the loop ends in the room in front of the next variable.
// CHANGED f
// RELOC vmlinux.ts,0
// NORELOC other
#include "kern.h"
struct st { long a, b, c, d, e; };
void lock(long *p);
static long other[8] __read_mostly = { 1 };
static struct st ts[9] __read_mostly = { { 1, 2, 3 } };
static long third[8] __read_mostly = { 1 };
int g(int i)
{
	third[i]++;
	return ts[i].a++ + other[i]++;
}
int f(int x)
{
#ifdef PATCHED
	helper(x);
#endif
	for (int i = 0; i < 9; i++)
		lock(&ts[i].b);
	return x;
}
