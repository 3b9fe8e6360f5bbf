// SPDX-License-Identifier: GPL-2.0
// New per-CPU variables: the loader of modules knows one section of such.
// CHANGED f
// SAME g
// DEFINES plain
// DEFINES mostly
// DEFINES aligned
// HAS .data..percpu
// HASNOT .data..percpu..read_mostly
// HASNOT .data..percpu..shared_aligned
// RELOC vmlinux.old,0
#include "kern.h"
#define __percpu(kind)	__attribute__((__section__(".data..percpu" kind)))
static int old __percpu("..read_mostly");
#ifdef PATCHED
static int plain __percpu("") = 1;
static int mostly __percpu("..read_mostly") = 2;
static int aligned __percpu("..shared_aligned") __attribute__((__aligned__(64))) = 3;
#endif
int f(int x)
{
#ifdef PATCHED
	x += plain++ + mostly++ + aligned++;
#endif
	return helper(x) + old;
}
int g(void)
{
	return old++;
}
