// SPDX-License-Identifier: GPL-2.0
// SYSCALL_DEFINEn() makes a function without an ftrace site, of which only
// another macro makes one that has it.
// EXPECT 2
// SAYS __do_sys_f() in .text.__do_sys_f has no ftrace site
// SAYS include kpatch-macros.h and write KPATCH_SYSCALL_DEFINEn()
#include "kern.h"
static noinline notrace long __do_sys_f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}

long __x64_sys_f(int *x)
{
	return __do_sys_f(*x);
}
