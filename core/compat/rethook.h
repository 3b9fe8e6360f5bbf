/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rethooks, which the kernel has for its own kretprobes and does not export.
 * For the one file that uses them.
 */
#ifndef _KP_COMPAT_RETHOOK_H
#define _KP_COMPAT_RETHOOK_H

#include "kp_config.h"

#include <linux/err.h>
#include <linux/rethook.h>
#include <linux/slab.h>

#include "../symbol.h"

/* The head of a handler of returns; it runs with preemption off. */
#if KP_HAVE_RETHOOK_RET_ADDR
#define KP_RETHOOK_HANDLER(name)					\
	void name(struct rethook_node *node, void *data,		\
		  unsigned long ret_addr, struct pt_regs *regs)
#else
#define KP_RETHOOK_HANDLER(name)					\
	void name(struct rethook_node *node, void *data, struct pt_regs *regs)
#endif

DEFINE_KP_UNEXPORTED(void, rethook_free, (struct rethook *rh));
DEFINE_KP_UNEXPORTED(struct rethook_node *, rethook_try_get,
		     (struct rethook *rh));
DEFINE_KP_UNEXPORTED(void, rethook_hook,
		     (struct rethook_node *node, struct pt_regs *regs,
		      bool mcount));
#if KP_HAVE_RETHOOK_SIZED
DEFINE_KP_UNEXPORTED(struct rethook *, rethook_alloc,
		     (void *data, rethook_handler_t handler, int size, int num));
#else
DEFINE_KP_UNEXPORTED(struct rethook *, rethook_alloc,
		     (void *data, rethook_handler_t handler));
DEFINE_KP_UNEXPORTED(void, rethook_add_node,
		     (struct rethook *rh, struct rethook_node *node));
#endif

/* Looks for what is called.  May sleep. */
static inline bool kp_rethook_find(void)
{
#if !KP_HAVE_RETHOOK_SIZED
	if (!kp_find(rethook_add_node))
		return false;
#endif
	return kp_find(rethook_alloc) && kp_find(rethook_free) &&
	       kp_find(rethook_try_get) && kp_find(rethook_hook);
}

/* @nr hooks whose returns go to @handler, or NULL.  May sleep. */
static inline struct rethook *kp_rethook_new(rethook_handler_t handler, int nr)
{
#if KP_HAVE_RETHOOK_SIZED
	struct rethook *rh = kp_call(rethook_alloc)(NULL, handler,
						    sizeof(struct rethook_node),
						    nr);

	return IS_ERR(rh) ? NULL : rh;
#else
	struct rethook *rh = kp_call(rethook_alloc)(NULL, handler);
	struct rethook_node *node;

	while (rh && nr--) {
		node = kzalloc(sizeof(*node), GFP_KERNEL);
		if (!node) {
			kp_call(rethook_free)(rh);
			return NULL;
		}
		kp_call(rethook_add_node)(rh, node);
	}
	return rh;
#endif
}

#endif /* _KP_COMPAT_RETHOOK_H */
