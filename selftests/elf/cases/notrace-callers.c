// SPDX-License-Identifier: GPL-2.0
// No ftrace site, but static and only called ("static inline" that gcc did not
// inline): those who call it are replaced, and bring the new one.
// CHANGED g
// CHANGED h
// SAYS changed with its callers: f
// SAME f
// SAME other
// DEFINES f
// NORELOC .f,
#include "kern.h"
static int total;
static noinline notrace int f(int x)
{
	total += x;
#ifdef PATCHED
	x++;
#endif
	return x ? helper(x) * f(x - 1) : total;
}
int g(int x)
{
	return f(x) + 1;
}
int h(int x)
{
	return f(x * 2) + helper(x);
}
int other(int x)
{
	return helper(x) + 1;
}
