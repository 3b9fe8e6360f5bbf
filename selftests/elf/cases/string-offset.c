// SPDX-License-Identifier: GPL-2.0
// Places inside of a string literal, and behind it, are places of the same copy
// as its start; another place is a change.
// CHANGED f
// CHANGED g
// SAME h
// HAS .rodata.kpatch.str
// HASNOT .rodata.f.str1.1
// CODE g call
#include "kern.h"
void put(int c);
void f(void)
{
	const char *s = "0123456789";
	int i;

#ifdef PATCHED
	put('x');
#endif
	for (i = 0; i < 10; i++)
		put(s[i]);
}
const char *g(int x)
{
	helper(x);
#ifdef PATCHED
	return &"a longer string"[5];
#else
	return &"a longer string"[6];
#endif
}
const char *h(int x)
{
#ifdef PATCHED
	/* moves it in its section */
	if (0)
		put(*"more");
#endif
	helper(x);
	return &"a longer string"[7];
}
