// SPDX-License-Identifier: GPL-2.0
// 5.17: a static call at an interrupt's end, NULL while the kernel is not to be preempted
#include <linux/entry-common.h>
#include <linux/static_call.h>

#ifndef irqentry_exit_cond_resched_dynamic_enabled
#error
#endif
struct static_call_key *kp_probe = &STATIC_CALL_KEY(irqentry_exit_cond_resched);

void kp_probe_update(void *tramp, void *func)
{
	__static_call_update(kp_probe, tramp, func);
	raw_irqentry_exit_cond_resched();
}
