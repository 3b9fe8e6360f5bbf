// SPDX-License-Identifier: GPL-2.0
// The patched function goes on with the running kernel's static local.
// CHANGED b
// RELOC vmlinux.count.
#include "kern.h"
int a(int x)
{
	static int count;

	return count += x;
}
int b(int x)
{
	static int count;

#ifdef PATCHED
	x++;
#endif
	return count -= x;
}
