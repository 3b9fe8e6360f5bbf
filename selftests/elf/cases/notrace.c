// SPDX-License-Identifier: GPL-2.0
// No ftrace site, no redirection.
// EXPECT 2
// SAYS f() in .text.f has no ftrace site
#include "kern.h"
int notrace f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
