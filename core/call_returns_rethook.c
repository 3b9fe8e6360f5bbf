// SPDX-License-Identifier: GPL-2.0
/*
 * Sees returns by rethooks, which kretprobes are made of since 5.18.
 *
 * The handler that redirects a call is the only one that sees it, so it decides
 * and hooks the return in one go.  There is one pool of hooks for all functions.
 * No probe has to be registered, for each of which the kernel goes through all
 * of its jump labels with preemption off; and calls in NMIs are seen as well.
 *
 * A call is missed where the pool is empty or RCU is not watching.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "compat.h"
#include "compat/rethook.h"
#include "call_returns.h"
#include "fault.h"
#include "redirect.h"

static int kp_returns_calls = 4096;
module_param_named(refcount_calls, kp_returns_calls, int, 0644);
MODULE_PARM_DESC(refcount_calls, "model refcount: how many calls of a patch's functions can be counted at a time");

/* Set while calls may be counted; the switch's lock. */
static struct rethook *kp_returns;

static notrace KP_RETHOOK_HANDLER(kp_returned)
{
	kp_count_leave();
}

static bool kp_returns_found;

void kp_returns_init(void)
{
	kp_returns_found = kp_rethook_find();
}

const char *kp_returns_unusable(void)
{
	return kp_returns_found ? NULL :
		"its rethooks are not in the symbol table";
}

int kp_returns_begin(void)
{
	int nr = clamp(READ_ONCE(kp_returns_calls), 1, 1 << 20);
	struct rethook *rh;

	rh = kp_fault() ? NULL : kp_rethook_new(kp_returned, nr);
	if (!rh) {
		pr_err("cannot count calls: no memory for %d rethooks\n", nr);
		return -ENOMEM;
	}
	WRITE_ONCE(kp_returns, rh);
	return 0;
}

int kp_returns_add(unsigned long addr)
{
	return 0;
}

void kp_returns_del(unsigned long addr)
{
}

void kp_returns_end(void)
{
	struct rethook *rh = kp_returns;

	WRITE_ONCE(kp_returns, NULL);
	kp_call(rethook_free)(rh);
	/*
	 * Calls that are inside return without asking us from now on, after
	 * those that are just doing that: with preemption off.
	 */
	kp_redirect_sync();
}

void kp_returns_start(void)
{
	kp_count_set_phase(KP_COUNT_ON);
}

enum kp_call notrace kp_returns_call(struct pt_regs *regs)
{
	enum kp_call call = kp_count_enter();
	struct rethook_node *node;

	if (call != KP_CALL_COUNTED)
		return call;
	node = kp_call(rethook_try_get)(READ_ONCE(kp_returns));
	if (node)
		kp_call(rethook_hook)(node, regs, true);
	else
		kp_count_missed(kp_count_level());
	return call;
}

void kp_returns_settle(void)
{
	kp_count_settle();
}

void kp_returns_say_missed(void)
{
	pr_err("a call could not be counted: none of %d rethooks was free, or RCU was not watching\n",
	       READ_ONCE(kp_returns_calls));
}
