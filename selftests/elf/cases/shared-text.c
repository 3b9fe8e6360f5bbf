// SPDX-License-Identifier: GPL-2.0
// Functions of one section call each other without relocations: a changed one
// still calls the kernel's others, one that only moved is the same, and one
// that calls another now is not.
// CHANGED f
// CHANGED other
// CHANGED tail
// SAME g
// SAME slow
// SAME slow2
// SAME near
// SAME again
// RELOC vmlinux.slow,0
// RELOC vmlinux.slow2,0
// RELOC vmlinux.near,0
// NORELOC other
// CODE tail jmp +[0-9a-f]+ <tail\+0xa>
#include "kern.h"
#define __sched __attribute__((__section__(".sched.text")))
static noinline __sched int slow(int x) { return helper(x) + 1; }
static noinline __sched int slow2(int x) { return helper(x) + 2; }
int __sched f(int x)
{
#ifdef PATCHED
	if (x < 0)
		return -1;
#endif
	return slow(x) + 3;
}
int __sched g(int x) { return slow(x) * 5; }
#ifdef PATCHED
int __sched other(int x) { return slow2(x) * 7; }
#else
int __sched other(int x) { return slow(x) * 7; }
#endif
int __sched again(int x) { return slow2(x) * 9; }
#define __kprobes __attribute__((__section__(".kprobes.text")))
static noinline __kprobes int near(int x) { return x + 4; }
/* a jump of two bytes */
int __kprobes tail(int x)
{
#ifdef PATCHED
	x++;
#endif
	return near(x);
}
