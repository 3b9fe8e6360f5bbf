// SPDX-License-Identifier: GPL-2.0
// A string literal changes in one of two functions.
// EXPORT printk vmlinux
// CHANGED f
// SAME g
// NORELOC printk
#include "kern.h"
#ifdef PATCHED
#define WORD "HELLO %d\n"
#else
#define WORD "hello %d\n"
#endif
int f(int x)
{
	return printk(WORD, x);
}
int g(int x)
{
	return printk("hello there %d\n", x);
}
