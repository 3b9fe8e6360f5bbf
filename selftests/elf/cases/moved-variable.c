// SPDX-License-Identifier: GPL-2.0
// A variable moves here from another file: it would be there twice.
// EXPECT 2
// SAYS state in .data.state is new in this file
#include "kern.h"
#ifdef PATCHED
int state = 7;
#else
extern int state;
#endif
int f(int x)
{
#ifdef PATCHED
	if (x)
		return 0;
#endif
	return state + x;
}
