// SPDX-License-Identifier: GPL-2.0
/*
 * Sends calls of a function elsewhere.
 *
 * Each patched function has a struct kp_redirect, which holds its stack of
 * hooks, newest first.  How calls come to the handler, and how they get to where
 * they shall go without it, is the business of traps (redirect_trap.c).
 *
 * The handler takes no lock.  Writers change the list by RCU's rules, but wait
 * for readers with kp_redirect_sync(), not with RCU's grace periods: functions
 * are also called where RCU is not watching, in the idle loop for example.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "compat/ftrace.h"
#include "fault.h"
#include "redirect.h"
#include "redirect_direct.h"
#include "redirect_guard.h"
#include "redirect_trap.h"
#include "yield.h"

/* All redirects; written under the callers' lock and that of traps. */
static LIST_HEAD(kp_redirects);

/* Decides for hooks in transition; stable while there is one. */
static kp_applied_t kp_applied;

static DEFINE_PER_CPU(struct work_struct, kp_sync_work);

static __always_inline struct kp_hook *
kp_hook_next(const struct kp_redirect *rd, const struct list_head *pos)
{
	const struct list_head *next = READ_ONCE(pos->next);

	return next == &rd->hooks ? NULL :
				    list_entry(next, struct kp_hook, node);
}

/* A call to a function some hook of which is, or was, in transition. */
static noinline __noclone void notrace
kp_handle(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
	  struct ftrace_regs *fregs)
{
	const struct kp_redirect *rd =
		kp_trap_find(container_of(ops, struct kp_trap, ops), ip);
	struct kp_hook *hook;

	if (WARN_ON_ONCE(!rd))
		return;
	/*
	 * Pairs with the release in kp_trap_aim(): if the handler was not told
	 * where to go, the hooks are those that are the reason.
	 */
	smp_rmb();
	/* Pairs with kp_redirect_sync(): it runs on this CPU after us. */
	preempt_disable_notrace();
	hook = kp_hook_next(rd, &rd->hooks);
	if (hook && unlikely(READ_ONCE(hook->transition))) {
		/*
		 * Pairs with kp_hook_set_transition(): who sees a hook in
		 * transition must see the state that decides about it, not
		 * what is left of an earlier one.
		 */
		smp_rmb();
		if (!READ_ONCE(kp_applied)(kp_ftrace_pt_regs(fregs)))
			hook = kp_hook_next(rd, &hook->node);
	}
	if (hook && hook->new_addr)
		ftrace_regs_set_instruction_pointer(fregs, hook->new_addr);
	preempt_enable_notrace();
}

/*
 * Whoever calls, in whatever context: notrace, no locks, nothing that sleeps.
 *
 * Where all calls go one way, one word says which, and nothing has to keep the
 * task on its CPU: one that is preempted here has the call site's address on its
 * stack, so that it is inside for all models, and no hook goes away meanwhile.
 */
static void notrace kp_handler(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops,
			       struct ftrace_regs *fregs)
{
	const struct kp_trap *trap = container_of(ops, struct kp_trap, ops);
	const struct kp_trap_slot *slot = kp_trap_slot(trap, ip);
	unsigned long to;

	if (likely(slot->ip == ip)) {
		to = READ_ONCE(slot->to);
		if (likely(to)) {
			ftrace_regs_set_instruction_pointer(fregs, to);
			return;
		}
	}
	kp_handle(ip, parent_ip, ops, fregs);
}

/* Where calls go that nothing but the guard has seen; 0: it is off duty. */
static void kp_redirect_guard(struct kp_redirect *rd, unsigned long to)
{
	WRITE_ONCE(rd->rescue_to, to);
	kp_rescue_arm(&rd->rescue, to != 0);
}

/*
 * In a transition it depends.  Guards cannot tell calls that were sent to the
 * original from those that ftrace has not seen; where nobody is sent there, as
 * there is an older replacement, they go to that, or are judged.
 */
static unsigned long kp_redirect_unseen(const struct kp_redirect *rd)
{
	const struct kp_hook *hook = kp_hook_next(rd, &rd->hooks);

	if (hook && hook->transition)
		hook = hook->new_addr ? kp_hook_next(rd, &hook->node) : NULL;
	return hook ? hook->new_addr : 0;
}

/*
 * The hooks of @rd have changed.  Calls that still see what was there before are
 * as good as ones that came before; where that matters, the callers wait for
 * them, or find them on a stack.
 */
static void kp_redirect_aim(struct kp_redirect *rd)
{
	const struct kp_hook *hook = kp_hook_next(rd, &rd->hooks);
	bool open = hook && hook->transition;
	unsigned long to = hook && !open ? hook->new_addr : 0;

	/* Until a transition gets going, all calls go where they went before. */
	if (!open || kp_guard_moving())
		kp_redirect_guard(rd, kp_redirect_unseen(rd));
	kp_trap_aim(rd, to);
}

int kp_redirect_ready(void)
{
	return kp_guard_ready();
}

void kp_redirect_begin(kp_applied_t applied)
{
	kp_trap_unsettle();
	WRITE_ONCE(kp_applied, applied);
}

void kp_redirect_go(void)
{
	const struct kp_hook *hook;
	struct kp_redirect *rd;

	/* A call that has got past ftrace comes to its guard before that goes. */
	if (KP_HAVE_FUNCTION_TRACE_STOP)
		kp_redirect_sync();
	kp_trap_lock();
	kp_guard_set_moving(true);
	list_for_each_entry(rd, &kp_redirects, node) {
		hook = kp_hook_next(rd, &rd->hooks);
		if (hook && hook->transition)
			kp_redirect_guard(rd, kp_redirect_unseen(rd));
	}
	kp_trap_unlock();
}

void kp_redirect_end(void)
{
	kp_guard_set_moving(false);
	/* Nobody may be left who has seen a transition and is about to ask. */
	kp_redirect_sync();
	WRITE_ONCE(kp_applied, NULL);
}

void kp_redirect_settle(void)
{
	struct kp_redirect *rd;

	kp_trap_lock();
	list_for_each_entry(rd, &kp_redirects, node)
		rd->moving = false;
	kp_trap_unlock();
	kp_trap_settle();
	kp_guard_look();
}

void kp_hook_set_transition(struct kp_hook *hook, bool transition)
{
	/*
	 * Pairs with smp_rmb() in the handler: what decides about hooks in
	 * transition is visible before the first of them is.
	 */
	smp_wmb();
	WRITE_ONCE(hook->transition, transition);
	if (!hook->rd)
		return;
	kp_trap_lock();
	kp_redirect_aim(hook->rd);
	kp_trap_unlock();
}

static struct kp_redirect *kp_redirect_find(unsigned long addr)
{
	struct kp_redirect *rd;

	list_for_each_entry(rd, &kp_redirects, node)
		if (rd->addr == addr)
			return rd;
	return NULL;
}

/*
 * Where tracers come and go unseen by all calls, a call is judged as in
 * kp_handle().  Elsewhere that would not be worth it: such calls are rare, and what
 * decides may take the trap for the interrupt that it is on newer kernels.
 */
static notrace unsigned long kp_redirect_where(struct kp_rescue *rescue,
					       struct pt_regs *regs)
{
	const struct kp_redirect *rd =
		container_of(rescue, struct kp_redirect, rescue);
	unsigned long to = READ_ONCE(rd->rescue_to);
	struct kp_hook *hook;

	if (!KP_HAVE_FUNCTION_TRACE_STOP || !to || !kp_guard_moving())
		return to;
	hook = kp_hook_next(rd, &rd->hooks);
	if (hook && READ_ONCE(hook->transition)) {
		/* Pairs with kp_hook_set_transition(), see kp_handle(). */
		smp_rmb();
		if (READ_ONCE(kp_applied)(regs))
			to = hook->new_addr;
	}
	return to;
}

static struct kp_redirect *kp_redirect_new(unsigned long addr)
{
	struct kp_redirect *rd;

	rd = kp_fault() ? NULL : kzalloc(sizeof(*rd), GFP_KERNEL);
	if (!rd)
		return NULL;
	rd->addr = addr;
	rd->rescue.where = kp_redirect_where;
	INIT_LIST_HEAD(&rd->hooks);
	list_add(&rd->node, &kp_redirects);
	return rd;
}

int kp_hook_add(struct kp_hook *hook, unsigned long addr)
{
	struct kp_redirect *rd;
	int ret;

	kp_trap_lock();
	rd = kp_redirect_find(addr);
	ret = rd ? kp_trap_hold(rd) : 0;
	if (!rd)
		rd = kp_redirect_new(addr);
	if (!rd)
		ret = -ENOMEM;
	if (!ret) {
		hook->rd = rd;
		list_add_rcu(&hook->node, &rd->hooks);
		kp_redirect_aim(rd);
	}
	kp_trap_unlock();
	return ret;
}

/* Those that are not caught yet; the number of them. */
static unsigned int kp_redirects_fresh(struct list_head *fresh)
{
	struct kp_redirect *rd;
	unsigned int nr = 0;

	INIT_LIST_HEAD(fresh);
	list_for_each_entry(rd, &kp_redirects, node) {
		if (!rd->trap) {
			list_add(&rd->member, fresh);
			nr++;
		}
	}
	return nr;
}

/* A trap for each, to find out which one it is that cannot have one. */
static int kp_redirects_arm_singly(struct list_head *fresh,
				   unsigned long *culprit)
{
	struct kp_redirect *rd, *next;
	int ret = 0;

	list_for_each_entry_safe(rd, next, fresh, member) {
		LIST_HEAD(one);

		list_move(&rd->member, &one);
		*culprit = rd->addr;
		ret = kp_trap_new(&one, 1, kp_handler);
		if (ret)
			break;
	}
	return ret;
}

static int kp_redirects_arm(unsigned long *culprit)
{
	struct kp_redirect *rd;
	struct list_head fresh;
	unsigned int nr;
	int ret;

	nr = kp_redirects_fresh(&fresh);
	if (!nr)
		return 0;
	list_for_each_entry(rd, &fresh, member) {
		*culprit = rd->addr;
		ret = kp_guard_prepare(rd);
		if (ret)
			return ret;
	}
	ret = kp_trap_new(&fresh, nr, kp_handler);
	if (ret && ret != -ENOMEM && nr > 1)
		ret = kp_redirects_arm_singly(&fresh, culprit);
	return ret;
}

int kp_redirect_arm(unsigned long *culprit)
{
	int ret;

	kp_trap_lock();
	ret = kp_redirects_arm(culprit);
	kp_trap_unlock();
	/* The functions of a module that has just been loaded. */
	if (!ret && kp_trap_settled())
		kp_trap_settle();
	return ret;
}

int kp_redirect_hold(struct kp_hook *hook)
{
	int ret;

	kp_trap_lock();
	ret = kp_trap_hold(hook->rd);
	kp_trap_unlock();
	return ret;
}

void kp_hook_del(struct kp_hook *hook)
{
	kp_trap_lock();
	list_del_rcu(&hook->node);
	kp_redirect_aim(hook->rd);
	hook->rd = NULL;
	kp_trap_unlock();
}

/* Those that have never been caught, and shall not be. */
static void kp_redirects_forget(void)
{
	struct kp_redirect *rd, *next;

	list_for_each_entry(rd, &kp_redirects, node)
		if (!rd->trap && list_empty(&rd->hooks))
			kp_rescue_del(&rd->rescue);
	kp_rescue_flush();
	list_for_each_entry_safe(rd, next, &kp_redirects, node) {
		if (!rd->trap && list_empty(&rd->hooks)) {
			list_del(&rd->node);
			kfree(rd);
		}
	}
}

void kp_redirect_reap(void)
{
	kp_redirect_sync();
	kp_trap_lock();
	kp_trap_reap();
	kp_redirects_forget();
	kp_trap_unlock();
}

void kp_redirect_for_each(void (*fn)(unsigned long addr, const char *how,
				     void *data), void *data)
{
	kp_trap_lock();
	kp_trap_for_each(fn, data);
	kp_trap_unlock();
}

const char *kp_redirect_no_direct(void)
{
	return kp_direct_unusable();
}

struct kp_hook *kp_hook_top(unsigned long addr)
{
	struct kp_redirect *rd = kp_redirect_find(addr);

	return rd ? kp_hook_next(rd, &rd->hooks) : NULL;
}

struct kp_hook *kp_hook_below(const struct kp_hook *hook)
{
	return kp_hook_next(hook->rd, &hook->node);
}

/* What the workers are to do; the callers' lock. */
static void (*kp_sync_call)(void);

static void kp_sync_fn(struct work_struct *work)
{
	unsigned long flags;

	if (!kp_sync_call)
		return;
	local_irq_save(flags);
	kp_sync_call();
	local_irq_restore(flags);
}

/*
 * The handler runs with preemption off.  When a worker has been running on a
 * CPU, every handler that had been entered there before has returned; that
 * holds where RCU is not watching as well.
 */
void kp_redirect_sync(void)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		queue_work_on(cpu, system_percpu_wq,
			      per_cpu_ptr(&kp_sync_work, cpu));
	for_each_online_cpu(cpu)
		flush_work(per_cpu_ptr(&kp_sync_work, cpu));
	cpus_read_unlock();
}

void kp_redirect_run(void (*fn)(void))
{
	kp_sync_call = fn;
	kp_redirect_sync();
	kp_sync_call = NULL;
}

const char *kp_redirect_hazard(void)
{
	const char *hazard;

	kp_trap_lock();
	hazard = kp_guard_hazard();
	kp_trap_unlock();
	return hazard;
}

void kp_redirect_count(struct kp_rescue_counts *counts)
{
	kp_trap_lock();
	kp_guard_count(counts);
	kp_trap_unlock();
}

int kp_redirect_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		INIT_WORK(per_cpu_ptr(&kp_sync_work, cpu), kp_sync_fn);
	kp_yield_init();
	return kp_guard_init(&kp_redirects);
}

void kp_redirect_exit(void)
{
	kp_guard_exit();
	kp_trap_exit();
	kp_yield_exit();
	WARN_ON(!list_empty(&kp_redirects));
}
