// SPDX-License-Identifier: GPL-2.0
// endbr64 in front of the ftrace site.
// FLAGS -fcf-protection=branch
// CHANGED f
// SAME g
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
int g(int x)
{
	return helper(x) + 1;
}
