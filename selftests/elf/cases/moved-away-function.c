// SPDX-License-Identifier: GPL-2.0
// A variable gives way to a function of another file, and another is not needed any more.
// CHANGED f
// HASNOT .bss.cnt
#include "kern.h"
#ifdef PATCHED
int cnt(void);
extern int sum;
#else
static int cnt, total;
#endif
int f(int x)
{
#ifdef PATCHED
	sum += x;
	return helper(x + cnt());
#else
	total += x;
	return helper(x + cnt++);
#endif
}
