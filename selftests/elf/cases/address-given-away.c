// SPDX-License-Identifier: GPL-2.0
// A timer keeps the address of a changed function: it must be the original's.
// CHANGED arm
// CHANGED tick
// RELOC vmlinux.tick,0
#include "kern.h"
struct timer { void (*fn)(int); } timer;
static void tick(int x)
{
#ifdef PATCHED
	x++;
#endif
	helper(x);
}
void arm(int x)
{
#ifdef PATCHED
	helper(9);
#endif
	timer.fn = tick;
}
