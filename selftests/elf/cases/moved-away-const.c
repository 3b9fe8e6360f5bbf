// SPDX-License-Identifier: GPL-2.0
// A table that nobody writes to may come from another file.
// CHANGED f
#include "kern.h"
#ifdef PATCHED
extern const int squares[4];
#else
static const int squares[4] = { 0, 1, 4, 9 };
#endif
int f(int x)
{
	return helper(squares[x & 3]);
}
