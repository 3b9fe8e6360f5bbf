// SPDX-License-Identifier: GPL-2.0
// A variable goes, and another function uses one of its name of another file.
// CHANGED f
// CHANGED g
// SAYS warning: the new variable cnt of another file starts from its initial value
#include "kern.h"
#ifdef PATCHED
extern int cnt;
#else
static int cnt;
#endif
int f(int x)
{
#ifndef PATCHED
	x += cnt++;
#endif
	return helper(x);
}
int g(int x)
{
#ifdef PATCHED
	x += cnt++;
#endif
	return helper(-x);
}
