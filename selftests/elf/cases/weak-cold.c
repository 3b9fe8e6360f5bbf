// SPDX-License-Identifier: GPL-2.0
// A weak function that the kernel has from elsewhere changes in its cold part only.
// NOSYM f
// SYMTAB 0000000000a00000 T f
// CHANGED g
// SAME f
// HASNOT .text.f
// HASNOT .text.unlikely.f
// SAYS the weak function f() has no effect
// RELOC vmlinux.f,0
#include "kern.h"
void die(const char *s) __attribute__((__cold__));
int __attribute__((__weak__)) f(int x)
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
