// SPDX-License-Identifier: GPL-2.0
// 5.19: many addresses at a time
#include <linux/ftrace.h>

int (*kp_probe)(struct ftrace_ops *ops, unsigned long *ips, unsigned int cnt,
		int remove, int reset) = ftrace_set_filter_ips;
