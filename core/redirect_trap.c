// SPDX-License-Identifier: GPL-2.0
/*
 * Traps: how calls come to the handler, and past it.
 *
 * A trap starts as an ftrace_ops, whose handler decides about each call.  When
 * nothing is in transition there is nothing to decide, and its functions get
 * direct calls: those are registered while the ops is there, which then goes.
 * Both lead to the same new function, so that there is no moment at which calls
 * reach the old one.  The way back, before a transition, is the reverse.
 *
 * Each direct call has an ops of its own and, when it goes, a grace period of
 * RCU-tasks, for which a transition has to wait; that is why there are not to be
 * too many of them.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "arch/x86.h"
#include "compat.h"
#include "compat/direct.h"
#include "compat/ftrace.h"
#include "fault.h"
#include "redirect_direct.h"
#include "redirect_trap.h"
#include "yield.h"

/*
 * Guards traps, redirects and lists of hooks against the work below.  Held
 * while that waits for RCU-tasks, unlike the callers' lock, which comes first.
 */
static DEFINE_MUTEX(kp_trap_mutex);

static LIST_HEAD(kp_traps);

/* Nothing is in transition. */
static bool kp_traps_settled;

/* How many functions are called directly. */
static unsigned int kp_directs;

static void kp_settle_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(kp_settle_work, kp_settle_fn);

/* Between the end of a transition, or a look at who else traces, and the next. */
#define KP_SETTLE_DELAY	HZ

static unsigned int kp_direct_limit = 16;

static int kp_direct_limit_set(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_uint(val, kp);

	/* The lock: kp_trap_exit() waits for those who are about to. */
	kp_trap_lock();
	if (!ret && READ_ONCE(kp_traps_settled))
		mod_delayed_work(system_percpu_wq, &kp_settle_work, 0);
	kp_trap_unlock();
	return ret;
}

static const struct kernel_param_ops kp_direct_limit_ops = {
	.set = kp_direct_limit_set,
	.get = param_get_uint,
};
module_param_cb(direct, &kp_direct_limit_ops, &kp_direct_limit, 0644);
MODULE_PARM_DESC(direct, "how many functions may be called directly when nothing is in transition; 0: none");

void kp_trap_lock(void)
{
	mutex_lock(&kp_trap_mutex);
}

void kp_trap_unlock(void)
{
	mutex_unlock(&kp_trap_mutex);
}

/* Making and freeing. */

static struct kp_trap *kp_trap_alloc(unsigned int nr)
{
	unsigned int bits = order_base_2(nr * KP_ARCH_NR_SITES * 2);
	unsigned int slots = (1U << bits) + nr * KP_ARCH_NR_SITES + 1;
	struct kp_trap *trap;

	if (kp_fault())
		return NULL;
	trap = kvzalloc(sizeof(*trap) + slots * sizeof(trap->slot[0]) +
			slots * sizeof(trap->rds[0]), GFP_KERNEL);
	if (!trap)
		return NULL;
	trap->rds = (struct kp_redirect **)&trap->slot[slots];
	trap->mask = ((1UL << bits) - 1) * sizeof(trap->slot[0]);
	INIT_LIST_HEAD(&trap->members);
	return trap;
}

/* That of @ip, or where it would have to go. */
static struct kp_trap_slot *kp_trap_find_slot(struct kp_trap *trap,
					      unsigned long ip)
{
	struct kp_trap_slot *slot;

	slot = (struct kp_trap_slot *)kp_trap_slot(trap, ip);
	while (slot->ip && slot->ip != ip)
		slot++;
	return slot;
}

static void kp_trap_add_site(struct kp_trap *trap, struct kp_redirect *rd,
			     unsigned long ip)
{
	struct kp_trap_slot *slot = kp_trap_find_slot(trap, ip);

	slot->ip = ip;
	slot->to = rd->to;
	trap->rds[slot - trap->slot] = rd;
}

/*
 * ftrace alone knows which of its possible call sites a function has.  The
 * likely one comes first.
 */
static void kp_trap_add(struct kp_trap *trap, struct kp_redirect *rd)
{
	static const unsigned int offset[] = KP_ARCH_SITE_OFFSETS;
	unsigned int first = kp_arch_likely_site(rd->addr), i;

	kp_trap_add_site(trap, rd, rd->addr + offset[first]);
	for (i = 0; i < ARRAY_SIZE(offset); i++)
		if (i != first)
			kp_trap_add_site(trap, rd, rd->addr + offset[i]);
	trap->nr_live++;
}

static int kp_trap_set_filter(struct kp_trap *trap, struct list_head *rds)
{
	struct kp_redirect *rd;
	unsigned long *ips;
	unsigned int n = 0;
	int ret;

	ips = kp_fault() ? NULL :
	      kvcalloc(trap->nr_live, sizeof(*ips), GFP_KERNEL);
	if (!ips)
		return -ENOMEM;
	list_for_each_entry(rd, rds, member)
		ips[n++] = rd->addr;
	ret = ftrace_set_filter_ips(&trap->ops, ips, n, 0, 0);
	kvfree(ips);
	return ret;
}

/* What is freed must not have one; all at once, and without looking at it. */
static void kp_trap_clear_filter(struct kp_trap *trap)
{
	ftrace_set_filter(&trap->ops, NULL, 0, 1);
}

static int kp_trap_register(struct kp_trap *trap)
{
	int ret;

	if (kp_fault())
		return -ENOMEM;
	kp_yield_begin();
	kp_direct_share_begin();
	ret = register_ftrace_function(&trap->ops);
	kp_direct_share_end();
	kp_yield_end();
	trap->registered = !ret;
	return ret;
}

static void kp_trap_unregister(struct kp_trap *trap)
{
	kp_yield_begin();
	/* Returns when no CPU and no preempted task is in the trampoline. */
	WARN_ON(unregister_ftrace_function(&trap->ops));
	kp_yield_end();
	trap->registered = false;
}

/* @why is NULL if the caller is going to try again, piece by piece. */
static void kp_trap_failed(const struct kp_redirect *rd, const char *why,
			   int error)
{
	if (why)
		pr_err("%s %pS%s (%d)\n", why, (void *)rd->addr,
		       error == -EBUSY ? ", somebody else does already" : "",
		       error);
}

int kp_trap_new(struct list_head *rds, unsigned int nr, ftrace_func_t handler)
{
	struct kp_trap *trap = kp_trap_alloc(nr);
	struct kp_redirect *rd;
	int ret;

	if (!trap)
		return -ENOMEM;
	trap->ops.func = handler;
	trap->ops.flags = KP_FTRACE_FLAGS;
	list_for_each_entry(rd, rds, member)
		kp_trap_add(trap, rd);

	rd = list_first_entry(rds, struct kp_redirect, member);
	ret = kp_trap_set_filter(trap, rds);
	if (ret) {
		kp_trap_failed(rd, nr > 1 ? NULL : "ftrace cannot redirect",
			       ret);
		goto err_free;
	}
	ret = kp_trap_register(trap);
	if (ret) {
		kp_trap_failed(rd, nr > 1 ? NULL : "cannot redirect", ret);
		goto err_filter;
	}
	list_for_each_entry(rd, rds, member)
		rd->trap = trap;
	list_splice_init(rds, &trap->members);
	list_add(&trap->node, &kp_traps);
	return 0;

err_filter:
	kp_trap_clear_filter(trap);
err_free:
	kvfree(trap);
	return ret;
}

static void kp_redirect_undirect(struct kp_redirect *rd)
{
	if (!rd->direct)
		return;
	kp_direct_free(rd->direct);
	rd->direct = NULL;
	kp_directs--;
}

static void kp_trap_undirect(struct kp_trap *trap)
{
	struct kp_redirect *rd;

	list_for_each_entry(rd, &trap->members, member)
		kp_redirect_undirect(rd);
}

static void kp_trap_free(struct kp_trap *trap)
{
	struct kp_redirect *rd, *next;

	if (trap->registered)
		kp_trap_unregister(trap);
	kp_trap_undirect(trap);
	kp_trap_clear_filter(trap);
	list_for_each_entry_safe(rd, next, &trap->members, member) {
		if (!rd->dead)
			list_del(&rd->node);
		kfree(rd);
	}
	list_del(&trap->node);
	kvfree(trap);
}

/* Those that live on are to be left alone. */
static void kp_trap_drop_unused(struct kp_trap *trap)
{
	struct kp_redirect *rd;
	int ret;

	list_for_each_entry(rd, &trap->members, member) {
		if (rd->dead || !list_empty(&rd->hooks))
			continue;
		kp_redirect_undirect(rd);
		kp_yield_begin();
		ret = ftrace_set_filter_ip(&trap->ops, rd->addr, 1, 0);
		kp_yield_end();
		/* If it stays it leads nowhere, and the next hook finds it. */
		if (ret)
			continue;
		list_del(&rd->node);
		rd->dead = true;
		trap->nr_live--;
	}
}

static bool kp_trap_is_used(const struct kp_trap *trap)
{
	const struct kp_redirect *rd;

	list_for_each_entry(rd, &trap->members, member)
		if (!list_empty(&rd->hooks))
			return true;
	return false;
}

/* One wait for all guards of functions that are about to be given back. */
static void kp_trap_drop_guards(void)
{
	struct kp_redirect *rd;
	struct kp_trap *trap;

	list_for_each_entry(trap, &kp_traps, node)
		list_for_each_entry(rd, &trap->members, member)
			if (!rd->dead && list_empty(&rd->hooks))
				kp_rescue_del(&rd->rescue);
	kp_rescue_flush();
}

void kp_trap_reap(void)
{
	struct kp_trap *trap, *next;

	kp_trap_drop_guards();
	list_for_each_entry_safe(trap, next, &kp_traps, node) {
		if (kp_trap_is_used(trap))
			kp_trap_drop_unused(trap);
		else
			kp_trap_free(trap);
	}
}

void kp_trap_aim(struct kp_redirect *rd, unsigned long to)
{
	static const unsigned int offset[] = KP_ARCH_SITE_OFFSETS;
	struct kp_trap_slot *slot;
	unsigned int i;

	WRITE_ONCE(rd->to, to);
	rd->moving |= !to;
	for (i = 0; rd->trap && i < ARRAY_SIZE(offset); i++) {
		slot = kp_trap_find_slot(rd->trap, rd->addr + offset[i]);
		/* Pairs with smp_rmb() in kp_handle(): it sees the hooks. */
		smp_store_release(&slot->to, to);
	}
}

/* To direct calls and back. */

int kp_trap_hold(struct kp_redirect *rd)
{
	struct kp_trap *trap = rd->trap;
	int ret;

	if (!trap || trap->registered)
		return 0;
	ret = kp_trap_register(trap);
	if (ret) {
		pr_err("cannot take %pS back from its direct call (%d)\n",
		       (void *)rd->addr, ret);
		return ret;
	}
	kp_trap_undirect(trap);
	return 0;
}

bool kp_trap_is_sole(const struct kp_redirect *rd)
{
	if (rd->direct && kp_direct_how(rd->direct))
		return true;
	return kp_direct_site_calls(rd->addr,
				    kp_ops_trampoline(&rd->trap->ops));
}

/* Do all calls go one way, and does nobody else want to see them? */
static bool kp_redirect_is_plain(const struct kp_redirect *rd)
{
	return rd->to && kp_trap_is_sole(rd);
}

static bool kp_trap_is_plain(const struct kp_trap *trap)
{
	const struct kp_redirect *rd;

	list_for_each_entry(rd, &trap->members, member)
		if (!rd->dead && !kp_redirect_is_plain(rd))
			return false;
	return true;
}

static int kp_redirect_make_direct(struct kp_redirect *rd)
{
	struct kp_direct *direct = kp_direct_new(rd->addr, rd->to);

	if (IS_ERR(direct))
		return PTR_ERR(direct);
	rd->direct = direct;
	kp_directs++;
	return 0;
}

static void kp_trap_make_direct(struct kp_trap *trap)
{
	struct kp_redirect *rd;
	int ret;

	list_for_each_entry(rd, &trap->members, member) {
		ret = rd->dead ? 0 : kp_redirect_make_direct(rd);
		if (ret) {
			/* Somebody has direct calls of his own; no harm done. */
			kp_trap_undirect(trap);
			return;
		}
	}
	kp_trap_unregister(trap);
}

static void kp_settle_fn(struct work_struct *work)
{
	unsigned int limit = min_t(unsigned int, READ_ONCE(kp_direct_limit),
				   KP_DIRECT_MAX);
	struct kp_trap *trap;
	bool again = false;

	kp_trap_lock();
	list_for_each_entry(trap, &kp_traps, node) {
		if (!READ_ONCE(kp_traps_settled))
			break;
		if (!trap->registered && kp_directs > limit)
			kp_trap_hold(list_first_entry(&trap->members,
						      struct kp_redirect,
						      member));
		if (!trap->registered || kp_directs + trap->nr_live > limit)
			continue;
		if (kp_trap_is_plain(trap))
			kp_trap_make_direct(trap);
		again |= trap->registered;
	}
	if (again && READ_ONCE(kp_traps_settled))
		queue_delayed_work(system_percpu_wq, &kp_settle_work,
				   KP_SETTLE_DELAY);
	kp_trap_unlock();
}

void kp_trap_settle(void)
{
	WRITE_ONCE(kp_traps_settled, true);
	if (!kp_direct_unusable())
		queue_delayed_work(system_percpu_wq, &kp_settle_work,
				   KP_SETTLE_DELAY);
}

void kp_trap_unsettle(void)
{
	WRITE_ONCE(kp_traps_settled, false);
	/* It gives up soon if it runs, and does nothing if it starts again. */
	cancel_delayed_work_sync(&kp_settle_work);
}

bool kp_trap_settled(void)
{
	return READ_ONCE(kp_traps_settled);
}

void kp_trap_for_each(void (*fn)(unsigned long addr, const char *how,
				 void *data), void *data)
{
	struct kp_redirect *rd;
	struct kp_trap *trap;
	const char *how;

	list_for_each_entry(trap, &kp_traps, node) {
		list_for_each_entry(rd, &trap->members, member) {
			if (rd->dead)
				continue;
			how = rd->direct ? kp_direct_how(rd->direct) : NULL;
			fn(rd->addr, how ? how : "ops", data);
		}
	}
}

void kp_trap_exit(void)
{
	kp_trap_unsettle();
	/* Who has found it settled, kp_direct_limit_set(), queues it no later. */
	kp_trap_lock();
	kp_trap_unlock();
	cancel_delayed_work_sync(&kp_settle_work);
	WARN_ON(!list_empty(&kp_traps));
}
