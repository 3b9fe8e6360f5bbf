// SPDX-License-Identifier: GPL-2.0
// 5.16 to 6.2: register_ftrace_direct_multi()
#include <linux/ftrace.h>

int (*kp_probe)(struct ftrace_ops *ops,
		unsigned long addr) = register_ftrace_direct_multi;
