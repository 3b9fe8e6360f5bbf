// SPDX-License-Identifier: GPL-2.0
// A local table of strings changes: its user gets a new copy.
// CHANGED f
// SAME g
// NORELOC names
#include "kern.h"
#ifdef PATCHED
static const char *const names[] = { "one", "TWO", "three" };
#else
static const char *const names[] = { "one", "two", "three" };
#endif
const char *f(int x)
{
	return names[x];
}
int g(int x)
{
	return helper(x);
}
