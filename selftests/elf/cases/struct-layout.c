// SPDX-License-Identifier: GPL-2.0
// A struct grows under a variable of its type.
// EXPECT 2
// SAYS changes its size from 8 to 12 bytes
// SAYS shadow variable
#include "kern.h"
struct state {
	int a, b;
#ifdef PATCHED
	int c;
#endif
};
static struct state state = { 1, 2 };
int f(void)
{
	return state.a++ + state.b;
}
