// SPDX-License-Identifier: GPL-2.0
// Variables whose names begin with "once" are no flags of WARN_ONCE(): they are shared.
// CHANGED f
// SAME g
// RELOC vmlinux.once,0
// RELOC vmlinux.once_lock,0
// RELOC vmlinux.___done.
// HAS .data.once
// NORELOC __already_done
#include "kern.h"
static int once = 1;
static int once_lock = 2;
int f(int x)
{
	static __once int __already_done;
	static __once int ___done;

	if (!__already_done) {
		__already_done = 1;
		printk("f\n");
	}
	if (!___done)
		___done = x;
#ifdef PATCHED
	x++;
#endif
	return once_lock++ + once + x;
}
void g(int x)
{
	once = x;
	once_lock = x;
}
