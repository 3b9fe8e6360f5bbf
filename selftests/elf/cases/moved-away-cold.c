// SPDX-License-Identifier: GPL-2.0
// The same, and what uses it moves into a cold part that was there before.
// EXPECT 2
// SAYS the new variable cnt of another file would start from its initial value
#include "kern.h"
void __attribute__((cold)) bad(int);
#ifdef PATCHED
extern int cnt;
#else
static int cnt = 3;
#endif
int f(int x)
{
#ifndef PATCHED
	cnt++;
#endif
	if (x == 17) {
#ifdef PATCHED
		cnt++;
#endif
		bad(x);
		printk("out of line\n");
	}
	return helper(x) + 1;
}
