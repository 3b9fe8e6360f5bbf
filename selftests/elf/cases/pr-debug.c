// SPDX-License-Identifier: GPL-2.0
// The descriptor of a debug message goes along.
// CHANGED f
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	pr_debug("f runs");
	return helper(x);
}
