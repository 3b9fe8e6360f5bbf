// SPDX-License-Identifier: GPL-2.0
// The variable behind an array is gone: the end of a loop over the array is no
// place in the next one.
// CHANGED f
// CHANGED h
// SAME g
// RELOC vmlinux.ts,0
// NORELOC last
#include "kern.h"
struct st { long a, b, c; };
void lock(long *p);
static long last[3] __read_mostly = { 9 };
#ifndef PATCHED
static long limit[2] __read_mostly = { 5, 6 };
#endif
static struct st ts[8] __read_mostly = { { 1, 2, 3 } };
int f(int x)
{
#ifdef PATCHED
	helper(x);
#endif
	for (int i = 0; i < 8; i++)
		lock(&ts[i].b);
	return x;
}
int g(int x)
{
	for (int i = 0; i < 8; i++)
		lock(&ts[i].b);
	return last[1]++;
}
int h(int x)
{
#ifndef PATCHED
	if (x > limit[x & 1])
		return -1;
#endif
	return helper(x);
}
