// SPDX-License-Identifier: GPL-2.0
// A reference into a section that is not read has no name that anybody could find.
// EXPECT 1
// SAYS a place without a name
#include "kern.h"
asm(".pushsection .debug_here\nhere: .long 0\n.popsection");
extern int here[];
int f(int x)
{
#ifdef PATCHED
	helper(2);
#endif
	return x + here[0];
}
