// SPDX-License-Identifier: GPL-2.0
// Static locals of one name in two functions; a third one in front shifts their numbers.
// SYMTAB 0000000000100000 b unrelated
// CHANGED a
// SAME b
// SAME c
// NORELOC zero.
#include "kern.h"
#ifdef PATCHED
static noinline int fresh(int x)
{
	static int count;

	return count += x;
}
#endif
int a(int x)
{
	static int count;

#ifdef PATCHED
	x += fresh(x);
#endif
	return count += x;
}
int b(int x)
{
	static int count;

	return count -= x;
}
int c(int x)
{
	static int count = 5;

	return count ^= x;
}
