// SPDX-License-Identifier: GPL-2.0
// The same where only a value changes, in the last of them.
// CHANGED h
// SAME f
#include "kern.h"
#define TEN(n)	n + 3, n + 10, n + 17, n + 24, n + 31, n + 38, n + 45, n + 52, n + 59, n + 66
void use(const int *p);
int f(int x)
{
	int v[41] = { TEN(1), TEN(2), TEN(3), TEN(6), 9 };

	use(v);
	return helper(x);
}
int h(int x)
{
#ifdef PATCHED
	int v[42] = { TEN(1), TEN(2), TEN(3), TEN(7), 10, 12 };
#else
	int v[42] = { TEN(1), TEN(2), TEN(3), TEN(7), 10, 11 };
#endif

	use(v);
	return helper(x);
}
