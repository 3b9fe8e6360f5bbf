// SPDX-License-Identifier: GPL-2.0
// 6.3: register_ftrace_direct() takes an ops
#include <linux/ftrace.h>

int (*kp_probe)(struct ftrace_ops *ops,
		unsigned long addr) = register_ftrace_direct;
