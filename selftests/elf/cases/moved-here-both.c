// SPDX-License-Identifier: GPL-2.0
// A new static local has the name of another file's variable, which is used as before.
// CHANGED f
// SAME g
// HAS .bss.cnt.0
#include "kern.h"
extern int cnt;
int f(int x)
{
#ifdef PATCHED
	static int cnt;
#endif
	return helper(x + cnt++);
}
int g(int x)
{
	return helper(x - cnt);
}
