// SPDX-License-Identifier: GPL-2.0
// Code that has run already.
// EXPECT 2
// SAYS setup() in .init.text is init code
#include "kern.h"
int __init setup(void)
{
#ifdef PATCHED
	return helper(2);
#else
	return helper(1);
#endif
}
