// SPDX-License-Identifier: GPL-2.0
// Older kernels do not fill in addresses in the initial values of a module's
// per-CPU variables, and what a livepatch relocation fills in may come too late.
// EXPECT 2
// SAYS the initial value of the new per-CPU variable work in .data..percpu has an address in it
#include "kern.h"
struct work { int (*fn)(int); };
static noinline int callback(int x)
{
	return helper(x) + 1;
}
#ifdef PATCHED
static struct work work __attribute__((__section__(".data..percpu"))) = { callback };
#endif
int f(int x)
{
#ifdef PATCHED
	if (x > 3)
		return work.fn(x) + callback(x);
#endif
	return helper(x);
}
