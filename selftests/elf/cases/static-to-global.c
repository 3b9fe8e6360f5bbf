// SPDX-License-Identifier: GPL-2.0
// A static function that other files of the patch can call now: they link to
// the patch's copy, as the kernel has no global one.
// CHANGED check
// CHANGED walk
// CHANGED arm
// SAME user
// GLOBAL check
// GLOBAL walk
// RELOC vmlinux.check,0
#include "kern.h"
#ifdef PATCHED
#define static_before
#else
#define static_before static
#endif
void later(int (*fn)(int));
noinline static_before int check(int x)
{
	helper(x);
	return helper(x) + 1;
}
noinline static_before int walk(int x)
{
	if (helper(x))
		return 1 + walk(helper(x + 1)) + helper(x);
	return 0;
}
int user(int x)
{
	return check(x) + walk(x);
}
void arm(int x)
{
#ifdef PATCHED
	helper(x);
#endif
	later(check);
}
