// SPDX-License-Identifier: GPL-2.0
// 6.6: a rethook's handler is told the return address
#include <linux/rethook.h>

static void kp_handler(struct rethook_node *node, void *data,
		       unsigned long ret_addr, struct pt_regs *regs)
{
}

rethook_handler_t kp_probe = kp_handler;
