// SPDX-License-Identifier: GPL-2.0
// A function that the author ignores changes in its cold part only.
// CHANGED g
// SAME f
// HASNOT .text.f
// HASNOT .text.unlikely.f
// RELOC vmlinux.f,0
#include "kern.h"
void die(const char *s) __attribute__((__cold__));
int noinline f(int x)
{
	if (x < 0) {
		die("negative");
		x = -x;
#ifdef PATCHED
		x += helper(x) + 1;
#else
		x += helper(x);
#endif
	}
	return helper(x) + 1;
}
int g(int x)
{
#ifdef PATCHED
	x--;
#endif
	return f(x) + 1;
}
#ifdef PATCHED
static void * const mark __attribute__((__used__, __section__(".kpatch.ignore.functions"))) = (void *)f;
#endif
