// SPDX-License-Identifier: GPL-2.0
// A module calls another module's export, and its own.
// PARENT some_module
// EXPORT far_away other/far-module
// EXPORT near_by net/some-module
// EXPORT core_fn vmlinux
// EXPORT in_space vmlinux A_NAMESPACE
// CHANGED f
// RELOC far_module.far_away,0
// RELOC some_module.near_by,0
// RELOC vmlinux.in_space,0
// NORELOC core_fn
#include "kern.h"
int far_away(int), core_fn(int), in_space(int);
noinline int near_by(int x) { return core_fn(x + 1); }
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return far_away(x) + near_by(x) + core_fn(x) + in_space(x);
}
