// SPDX-License-Identifier: GPL-2.0
// A new variable has the name of one that goes, but no function uses both.
// CHANGED f
// CHANGED g
// SAYS warning: the new variable cnt in .bss.cnt starts from its initial value
// HAS .bss.cnt
#include "kern.h"
#ifdef PATCHED
static int cnt;
#endif
int f(int x)
{
#ifndef PATCHED
	static int cnt;

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
