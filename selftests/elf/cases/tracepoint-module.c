// SPDX-License-Identifier: GPL-2.0
// A tracepoint of the patched module stays off instead.
// PARENT some_module
// CHANGED f
// SAYS keeps the tracepoint thing switched off
// HASNOT __jump_table
#include "kern.h"
extern struct static_key __tracepoint_thing;
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	if (static_branch(&__tracepoint_thing))
		return 1;
	return x;
}
