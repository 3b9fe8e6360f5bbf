/* SPDX-License-Identifier: GPL-2.0 */
/* 3.14: smp_load_acquire(), smp_store_release() */
#include <linux/kernel.h>
#include <asm/barrier.h>

int kp_probe(int *p)
{
	smp_store_release(p, 1);
	return smp_load_acquire(p);
}
