/* SPDX-License-Identifier: GPL-2.0 */
/* 3.16: smp_mb__before_atomic(), smp_mb__after_atomic() */
#include <linux/atomic.h>
#include <linux/bitops.h>

void kp_probe(void)
{
	smp_mb__before_atomic();
	smp_mb__after_atomic();
}
