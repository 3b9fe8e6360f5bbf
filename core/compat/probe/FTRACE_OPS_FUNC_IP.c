// SPDX-License-Identifier: GPL-2.0
// 7.1: ... and are told which one
#include <linux/ftrace.h>

static int ops_func(struct ftrace_ops *ops, unsigned long ip,
		    enum ftrace_ops_cmd cmd)
{
	return cmd == FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER;
}

struct ftrace_ops kp_probe = { .ops_func = ops_func };
