// SPDX-License-Identifier: GPL-2.0
// 6.0: a direct call and an ops that changes the ip may share a function
#include <linux/ftrace.h>

static int ops_func(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
{
	return cmd == FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER;
}

struct ftrace_ops kp_probe = { .ops_func = ops_func };
