// SPDX-License-Identifier: GPL-2.0
// 6.7: rethook_alloc() allocates the hooks as well
#include <linux/rethook.h>

struct rethook *kp_probe(rethook_handler_t handler, int nr)
{
	return rethook_alloc(NULL, handler, sizeof(struct rethook_node), nr);
}
