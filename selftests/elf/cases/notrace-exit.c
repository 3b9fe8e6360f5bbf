// SPDX-License-Identifier: GPL-2.0
// No ftrace site, and exit code calls it, which vmlinux does not keep.
// CHANGED g
// SAYS changed with its callers: f
// SAME stop
#include "kern.h"
static noinline notrace int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x) + 1;
}
int __attribute__((__section__(".exit.text"))) stop(int x)
{
	return f(x) + 1;
}
int g(int x)
{
	return f(x) + 1;
}
