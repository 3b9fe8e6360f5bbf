// SPDX-License-Identifier: GPL-2.0
// Nothing changes but the position in the file.
// EXPECT 3
// SAME f
#include "kern.h"
#ifdef PATCHED


#endif
int counter = 3;
int f(int x)
{
	return helper(x) + counter;
}
