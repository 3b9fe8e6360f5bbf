// SPDX-License-Identifier: GPL-2.0
// vmlinux must not depend on a module.
// EXPECT 2
// EXPORT far_away other/far-module
// SAYS which is in the module far_module
#include "kern.h"
int far_away(int);
int f(int x)
{
#ifdef PATCHED
	x += far_away(x);
#endif
	return x;
}
