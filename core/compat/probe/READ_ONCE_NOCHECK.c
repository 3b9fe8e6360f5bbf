// SPDX-License-Identifier: GPL-2.0
// 4.2 to date: reads that KASAN does not check
#include <linux/compiler.h>
#include <asm/barrier.h>

unsigned long kp_probe(unsigned long *p)
{
	return READ_ONCE_NOCHECK(*p);
}
