// SPDX-License-Identifier: GPL-2.0
// A number that is no line number is a change.
// CHANGED f
#include "kern.h"
int f(int x)
{
#ifdef PATCHED
	return helper(201);
#else
	return helper(200);
#endif
}
