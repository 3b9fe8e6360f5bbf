// SPDX-License-Identifier: GPL-2.0
// The end of an array is no address of the variable behind it, which may be a
// new one, and an instruction in front of a store is no part of it.
// CHANGED f
// SAME g
// SAME store
// RELOC vmlinux.tbl,0
// NORELOC limit
// NORELOC newv
#include "kern.h"
struct s { int a, b; };
static int next __read_mostly = 1;
#ifdef PATCHED
static int limit __read_mostly = 5;
#endif
static struct s tbl[4] __read_mostly = {{1}};
static int last __read_mostly = 1;
static int flag __read_mostly = 1;
#ifdef PATCHED
static int newv __read_mostly = 2;
#endif
int use(struct s *);
int f(void)
{
	struct s *p;

#ifdef PATCHED
	helper(limit);
	helper(newv);
#endif
	for (p = tbl; p < tbl + 4; p++)
		use(p);
	return next;
}
int g(void)
{
	struct s *p;

	for (p = tbl; p < tbl + 4; p++)
		if (use(p))
			return 1;
	return 0;
}
int *other_flag(void) { return &flag; }
int store(int x)
{
	asm volatile("and $0xf, %0" : "+a"(x));
	flag = 77;
	return x + last + *other_flag();
}
