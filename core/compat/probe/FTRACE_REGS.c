// SPDX-License-Identifier: GPL-2.0
// 5.11: ftrace handlers get a struct ftrace_regs
#include <linux/ftrace.h>

static void handler(unsigned long ip, unsigned long parent,
		    struct ftrace_ops *ops, struct ftrace_regs *regs)
{
}

ftrace_func_t kp_probe = handler;
