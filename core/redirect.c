// SPDX-License-Identifier: GPL-2.0
/*
 * Sends calls of a function elsewhere.
 *
 * Each patched address has its own ftrace_ops, embedded in a struct
 * kp_redirect, which the handler finds by container_of().  It holds the stack
 * of hooks of the address, newest first.
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
#include "rescue.h"
#include "symbol.h"

struct kp_redirect {
	struct ftrace_ops ops;
	struct kp_rescue rescue;	/* for calls that ftrace lets through */
	unsigned long addr;
	struct list_head hooks;		/* kp_hook.node, newest first */
	struct list_head node;		/* in kp_redirects */
};

/* All redirects; guarded by the callers' lock. */
static LIST_HEAD(kp_redirects);

/* Decides for hooks in transition; stable while there is one. */
static kp_applied_t kp_applied;

static DEFINE_PER_CPU(struct work_struct, kp_sync_work);

/*
 * The sysctl kernel.ftrace_enabled.  Where ops can be PERMANENT it cannot be
 * cleared while there are any; elsewhere clearing it makes all calls go past
 * us, to the guards.
 */
static int *kp_ftrace_enabled;
static struct delayed_work kp_watch;

DEFINE_KP_UNEXPORTED(void *, get_kprobe, (void *addr));

static bool kp_allow_unguarded;
module_param_named(allow_unguarded, kp_allow_unguarded, bool, 0644);
MODULE_PARM_DESC(allow_unguarded, "patch functions that can have no guard, although this kernel runs their old code whenever somebody switches a tracer");

static __always_inline struct kp_hook *
kp_hook_next(const struct kp_redirect *rd, const struct list_head *pos)
{
	const struct list_head *next = READ_ONCE(pos->next);

	return next == &rd->hooks ? NULL :
				    list_entry(next, struct kp_hook, node);
}

/* Whoever calls, in whatever context: notrace, no locks, nothing that sleeps. */
static void notrace kp_handler(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops,
			       struct ftrace_regs *fregs)
{
	struct kp_redirect *rd = container_of(ops, struct kp_redirect, ops);
	struct kp_hook *hook;

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
		if (!READ_ONCE(kp_applied)(ip, kp_ftrace_pt_regs(fregs)->sp))
			hook = kp_hook_next(rd, &hook->node);
	}
	if (hook && hook->new_addr)
		ftrace_regs_set_instruction_pointer(fregs, hook->new_addr);
	preempt_enable_notrace();
}

/* Where calls go that nothing but the guard has seen, or 0. */
static notrace unsigned long kp_redirect_where(struct kp_rescue *rescue)
{
	struct kp_redirect *rd = container_of(rescue, struct kp_redirect,
					      rescue);
	struct kp_hook *hook = kp_hook_next(rd, &rd->hooks);

	/* In transition the old function may be the right one. */
	return !hook || READ_ONCE(hook->transition) ? 0 : hook->new_addr;
}

/* The guard is on duty while no call shall reach the old function. */
static void kp_redirect_guard(struct kp_redirect *rd)
{
	kp_rescue_arm(&rd->rescue, kp_redirect_where(&rd->rescue) != 0);
}

void kp_redirect_begin(kp_applied_t applied)
{
	WRITE_ONCE(kp_applied, applied);
}

void kp_redirect_end(void)
{
	struct kp_redirect *rd;

	/* Nobody may be left who has seen a transition and is about to ask. */
	kp_redirect_sync();
	WRITE_ONCE(kp_applied, NULL);
	list_for_each_entry(rd, &kp_redirects, node)
		kp_redirect_guard(rd);
}

void kp_hook_set_transition(struct kp_hook *hook, bool transition)
{
	/*
	 * Pairs with smp_rmb() in the handler: what decides about hooks in
	 * transition is visible before the first of them is.
	 */
	smp_wmb();
	WRITE_ONCE(hook->transition, transition);
	/* Calls of the old function shall not be slow now; see _end(). */
	if (transition && hook->rd)
		kp_redirect_guard(hook->rd);
}

static struct kp_redirect *kp_redirect_find(unsigned long addr)
{
	struct kp_redirect *rd;

	list_for_each_entry(rd, &kp_redirects, node)
		if (rd->addr == addr)
			return rd;
	return NULL;
}

static struct kp_redirect *kp_redirect_new(unsigned long addr)
{
	struct kp_redirect *rd;

	rd = kp_fault() ? NULL : kzalloc(sizeof(*rd), GFP_KERNEL);
	if (!rd)
		return NULL;
	rd->addr = addr;
	rd->ops.func = kp_handler;
	rd->ops.flags = KP_FTRACE_FLAGS;
	rd->rescue.where = kp_redirect_where;
	INIT_LIST_HEAD(&rd->hooks);
	return rd;
}

static bool kp_ftrace_is_off(void)
{
	return kp_ftrace_enabled && !READ_ONCE(*kp_ftrace_enabled);
}

/*
 * Where ops do not declare that they change the ip, those of a kprobe that was
 * there before run after ours and put the ip back: calls would run the old code.
 */
static bool kp_probe_hides_us(unsigned long addr)
{
	return !KP_FTRACE_FL_IPMODIFY && kp_found(get_kprobe) &&
	       kp_call(get_kprobe)((void *)addr);
}

/* With a guard behind the call site nothing can hide us; see rescue.c. */
static int kp_redirect_add_guard(struct kp_redirect *rd)
{
	int ret = kp_rescue_add(&rd->rescue, rd->addr);

	if (!ret)
		return 0;
	if (kp_probe_hides_us(rd->addr)) {
		pr_err("a kprobe sits on %pS and would hide the patch: remove it, and put it back afterwards\n",
		       (void *)rd->addr);
		return -EBUSY;
	}
	if (KP_HAVE_FUNCTION_TRACE_STOP && !kp_allow_unguarded) {
		pr_err("%pS can have no guard (%d), and would run its old code whenever somebody switches a tracer; allow_unguarded=1 accepts that\n",
		       (void *)rd->addr, ret);
		return -EOPNOTSUPP;
	}
	pr_info("%pS can have no guard (%d)\n", (void *)rd->addr, ret);
	return 0;
}

static int kp_redirect_register(struct kp_redirect *rd)
{
	int ret;

	if (kp_ftrace_is_off()) {
		pr_err("kernel.ftrace_enabled is 0: nothing can be patched\n");
		return -EBUSY;
	}
	ret = kp_redirect_add_guard(rd);
	if (ret)
		goto err_guard;
	ret = kp_fault() ? -ENOMEM :
	      ftrace_set_filter_ip(&rd->ops, rd->addr, 0, 0);
	if (ret) {
		pr_err("%pS is not a function that ftrace can redirect (%d)\n",
		       (void *)rd->addr, ret);
		goto err_guard;
	}
	ret = kp_fault() ? -ENOMEM : register_ftrace_function(&rd->ops);
	if (ret) {
		pr_err("cannot redirect %pS%s (%d)\n", (void *)rd->addr,
		       ret == -EBUSY ? ", somebody else does already" : "",
		       ret);
		goto err_filter;
	}
	list_add(&rd->node, &kp_redirects);
	return 0;

err_filter:
	ftrace_set_filter_ip(&rd->ops, rd->addr, 1, 0);
err_guard:
	kp_rescue_del(&rd->rescue);
	kp_rescue_flush();
	return ret;
}

static void kp_redirect_unregister(struct kp_redirect *rd)
{
	/* Returns when no CPU and no preempted task is in the trampoline. */
	WARN_ON(unregister_ftrace_function(&rd->ops));
	ftrace_set_filter_ip(&rd->ops, rd->addr, 1, 0);
	list_del(&rd->node);
	kfree(rd);
}

int kp_hook_add(struct kp_hook *hook, unsigned long addr)
{
	struct kp_redirect *rd = kp_redirect_find(addr);
	int ret;

	if (rd) {
		hook->rd = rd;
		list_add_rcu(&hook->node, &rd->hooks);
		kp_redirect_guard(rd);
		return 0;
	}

	rd = kp_redirect_new(addr);
	if (!rd)
		return -ENOMEM;
	hook->rd = rd;
	list_add_rcu(&hook->node, &rd->hooks);
	ret = kp_redirect_register(rd);
	if (ret) {
		list_del(&hook->node);
		hook->rd = NULL;
		kfree(rd);
		return ret;
	}
	kp_redirect_guard(rd);
	return 0;
}

void kp_hook_del(struct kp_hook *hook)
{
	list_del_rcu(&hook->node);
	hook->rd = NULL;
}

void kp_redirect_reap(void)
{
	struct kp_redirect *rd, *next;

	kp_redirect_sync();
	list_for_each_entry(rd, &kp_redirects, node)
		if (list_empty(&rd->hooks))
			kp_rescue_del(&rd->rescue);
	kp_rescue_flush();
	list_for_each_entry_safe(rd, next, &kp_redirects, node)
		if (list_empty(&rd->hooks))
			kp_redirect_unregister(rd);
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
		queue_work_on(cpu, system_wq, per_cpu_ptr(&kp_sync_work, cpu));
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
	if (kp_rescue_complete())
		return NULL;
	if (kp_ftrace_is_off())
		return "kernel.ftrace_enabled is 0: functions without a guard run old code";
	if (KP_HAVE_FUNCTION_TRACE_STOP)
		return "functions without a guard run old code while a tracer is switched";
	return NULL;
}

static void kp_watch_ftrace(void)
{
	static bool was_off;
	bool off = kp_ftrace_is_off();

	if (off == was_off)
		return;
	was_off = off;
	if (!off)
		pr_notice("kernel.ftrace_enabled is 1: patches are in effect as before\n");
	else if (kp_rescue_complete())
		pr_warn("kernel.ftrace_enabled is 0: patches stay in effect, but calls of patched functions are slow\n");
	else
		pr_err("kernel.ftrace_enabled is 0: FUNCTIONS WITHOUT A GUARD RUN THEIR OLD CODE\n");
}

static void kp_watch_fn(struct work_struct *work)
{
	kp_rescue_report();
	kp_watch_ftrace();
	schedule_delayed_work(&kp_watch, round_jiffies_relative(HZ));
}

int kp_redirect_init(void)
{
	int cpu, ret;

	for_each_possible_cpu(cpu)
		INIT_WORK(per_cpu_ptr(&kp_sync_work, cpu), kp_sync_fn);
	kp_find(get_kprobe);
	kp_ftrace_enabled = (int *)kp_symbol_lookup("ftrace_enabled");
	ret = kp_rescue_init();
	if (ret)
		return ret;
	INIT_DEFERRABLE_WORK(&kp_watch, kp_watch_fn);
	schedule_delayed_work(&kp_watch, HZ);
	return 0;
}

void kp_redirect_exit(void)
{
	cancel_delayed_work_sync(&kp_watch);
	WARN_ON(!list_empty(&kp_redirects));
}
