// SPDX-License-Identifier: GPL-2.0
// 4.12: kvmalloc()
#include <linux/mm.h>
#include <linux/slab.h>

void *kp_probe(void)
{
	void *p = kvcalloc(1, sizeof(p), GFP_KERNEL);

	kvfree(kvzalloc(1, GFP_KERNEL));
	kvfree(p);
	return p;
}
