// SPDX-License-Identifier: GPL-2.0
// A changed constant behind the table that gcc makes of a switch.
// CHANGED f
// SAME g
// NORELOC regs_b
// RELOC vmlinux.regs_a,0
#include "kern.h"
static const int regs_a[] = { 1, 2, 3, 4, 5, 6 };
static const int regs_b[] = { 11, 12, 13, 14, 15,
#ifdef PATCHED
	99
#else
	16
#endif
};
static const int regs_c[] = { 21, 22, 23, 24, 25, 26 };
static const int regs_d[] = { 31, 32, 33, 34, 35, 36 };
int f(int chip, int i)
{
	const int *r;
	switch (chip) {
	case 0: r = regs_a; break;
	case 1: r = regs_b; break;
	case 2: r = regs_c; break;
	case 3: r = regs_d; break;
	default: return -1;
	}
	return r[i];
}
int g(int i)
{
	return helper(i) + regs_a[i & 3];
}
