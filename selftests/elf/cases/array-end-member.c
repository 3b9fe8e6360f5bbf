// SPDX-License-Identifier: GPL-2.0
// A loop over a member of an array's elements ends as far behind the array as
// the member is in the first: that is no place in the new variable there.
// CHANGED g
// CHANGED h
// SAME f
// RELOC vmlinux.ts,0
// NORELOC limit
#include "kern.h"
struct st { long a, b, c; };
void lock(long *p);
#ifdef PATCHED
static long limit[2] __read_mostly = { 5, 6 };
#endif
static struct st ts[8] __read_mostly = { { 1, 2, 3 } };
int f(void)
{
	for (int i = 0; i < 8; i++)
		lock(&ts[i].b);
	return 0;
}
int g(int x)
{
#ifdef PATCHED
	helper(x);
#endif
	for (int i = 0; i < 8; i++)
		lock(&ts[i].c);
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
