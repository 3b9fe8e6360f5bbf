// SPDX-License-Identifier: GPL-2.0
// 5.10: notifiers are asked whether a module may come, and called off if not
#include <linux/notifier.h>

int (*kp_probe)(struct blocking_notifier_head *nh, unsigned long val_up,
		unsigned long val_down, void *v) =
	blocking_notifier_call_chain_robust;
