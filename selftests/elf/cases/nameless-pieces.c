// SPDX-License-Identifier: GPL-2.0
// gcc puts what it fills large local arrays with into one section without
// names: what changes for one function is no change of another, also where it
// lies at another place then.
// CHANGED f
// SAME g
// SAME e
// SAME h
#include "kern.h"
#define TEN(n)	n + 3, n + 10, n + 17, n + 24, n + 31, n + 38, n + 45, n + 52, n + 59, n + 66
void use(const int *p);
int e(int x)
{
	int v[40] = { TEN(10), TEN(20), TEN(30), TEN(40) };

	use(v);
	return helper(x);
}
int f(int x)
{
#ifdef PATCHED
	int v[50] = { TEN(1), TEN(2), TEN(3), TEN(4), TEN(6) };
#else
	int v[40] = { TEN(1), TEN(2), TEN(3), TEN(5) };
#endif

	use(v);
	return helper(x);
}
int __init g(int x)
{
	int v[41] = { TEN(1), TEN(2), TEN(3), TEN(6), 9 };

	use(v);
	return helper(x);
}
int h(int x)
{
	int v[42] = { TEN(1), TEN(2), TEN(3), TEN(7), 10, 11 };

	use(v);
	return helper(x);
}
