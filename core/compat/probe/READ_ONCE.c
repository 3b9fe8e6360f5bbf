// SPDX-License-Identifier: GPL-2.0
// 3.19: READ_ONCE(), WRITE_ONCE()
#include <linux/compiler.h>
#include <asm/barrier.h>

int kp_probe(int *p)
{
	WRITE_ONCE(*p, 1);
	return READ_ONCE(*p);
}
