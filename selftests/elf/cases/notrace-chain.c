// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and the one who calls it has none either: on to the next.
// CHANGED g
// SAYS changed with its callers: f
// SAYS changed with its callers: h
// DEFINES f
// DEFINES h
#include "kern.h"
static noinline notrace int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + 1;
}
static noinline notrace int h(int x)
{
	return f(x) + helper(x);
}
int g(int x)
{
	return h(x) + 1;
}
