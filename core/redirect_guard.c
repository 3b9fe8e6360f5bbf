// SPDX-License-Identifier: GPL-2.0
/*
 * Which functions have guards, and since when.
 *
 * Where ftrace may skip the handler of any function (KP_FTRACE_SOLE_IS_SURE is
 * 0), each has its guard before it is patched.  Elsewhere it keeps its word about
 * a function that has no other tracer, and only one that has needs a guard: it
 * gets one then.  A hundred kprobes cost half a billion instructions, and for
 * half of the time that one takes the kernel does not let go of the CPU.
 *
 *  - A tracer that is there before the patch is seen at its call site; the guard
 *    is on duty when the patch is in effect.
 *  - One that comes during a transition is seen at the end of that.
 *  - One that comes later changes the call site, and the kernel calls a function
 *    when it has done so, on which there is a probe.  What follows takes some
 *    milliseconds, in which kp_guard_hazard() knows.  If that probe cannot be
 *    had, it takes up to a second.
 *
 * A guard stays until its function is given back: it costs nothing.
 *
 * In a transition most are of no use.  On kernels where all calls get past ftrace
 * whenever somebody switches a tracer, the same probe tells whether that happened
 * then.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "arch/x86.h"
#include "compat.h"
#include "compat/ftrace.h"
#include "redirect_guard.h"
#include "redirect_trap.h"
#include "rescue.h"
#include "symbol.h"

/* All redirects; the traps' lock. */
static struct list_head *kp_guarded_list;

/*
 * The sysctl kernel.ftrace_enabled.  Where ops can be PERMANENT it cannot be
 * cleared while there are any; elsewhere clearing it makes all calls go past
 * us, to the guards.
 */
static int *kp_ftrace_enabled;
static struct delayed_work kp_watch;

static bool kp_moving;

/* How often have call sites been changed then? */
static atomic_t kp_unwatched = ATOMIC_INIT(0);

DEFINE_KP_UNEXPORTED(void *, get_kprobe, (void *addr));

static bool kp_allow_unguarded;
module_param_named(allow_unguarded, kp_allow_unguarded, bool, 0644);
MODULE_PARM_DESC(allow_unguarded, "patch functions that can have no guard, although this kernel runs their old code whenever somebody switches a tracer");

static bool kp_ftrace_is_off(void)
{
	return kp_ftrace_enabled && !READ_ONCE(*kp_ftrace_enabled);
}

void kp_guard_set_moving(bool moving)
{
	WRITE_ONCE(kp_moving, moving);
}

/* In the place of a call as well. */
bool notrace kp_guard_moving(void)
{
	return READ_ONCE(kp_moving);
}

/* Before a function is patched. */

/*
 * Where ops do not declare that they change the ip, those of a kprobe that was
 * there before run after ours and put the ip back: calls would run the old code.
 */
static bool kp_probe_hides_us(unsigned long addr)
{
	return !KP_FTRACE_FL_IPMODIFY && kp_found(get_kprobe) &&
	       kp_call(get_kprobe)((void *)addr);
}

/*
 * To place a guard, kprobes decodes the function from its start, and takes the
 * first byte of whatever has a probe from there.  Before 4.0 those that ftrace
 * serves do not have it, so that the call site is taken for something else, of
 * another length as often as not.  Nobody else uses that byte of theirs.
 */
static void kp_probe_tell_site(unsigned long addr)
{
	struct kprobe *kp;

	if (KP_FTRACE_FL_IPMODIFY || !kp_found(get_kprobe))
		return;
	/* Keeps the probe from being freed. */
	preempt_disable();
	kp = kp_call(get_kprobe)((void *)addr);
	if (kp && kprobe_ftrace(kp))
		kp->opcode = *(kprobe_opcode_t *)addr;
	preempt_enable();
}

/* With a guard behind the call site nothing can hide us; see rescue.c. */
static int kp_guard_add(struct kp_redirect *rd)
{
	int ret;

	kp_probe_tell_site(rd->addr);
	ret = kp_rescue_add(&rd->rescue, rd->addr);
	if (!ret) {
		kp_rescue_arm(&rd->rescue, rd->rescue_to != 0);
		return 0;
	}
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

int kp_guard_ready(void)
{
	if (!kp_ftrace_is_off())
		return 0;
	pr_err("kernel.ftrace_enabled is 0: nothing can be patched or given back\n");
	return -EBUSY;
}

int kp_guard_prepare(struct kp_redirect *rd)
{
	int ret = kp_guard_ready();

	if (ret)
		return ret;
	if (KP_FTRACE_SOLE_IS_SURE && kp_arch_site_is_free(rd->addr))
		return 0;
	return kp_guard_add(rd);
}

/* While it is patched. */

/*
 * In transition the old function may be the right one, so that no call can be
 * missed; and we may be those who share, with kretprobes.
 */
static bool kp_guard_is_needed(const struct kp_redirect *rd)
{
	return rd->to && rd->trap && !rd->moving &&
	       (!KP_FTRACE_SOLE_IS_SURE || !kp_trap_is_sole(rd));
}

/* One guard more, where one is missing; false: everywhere is one. */
static bool kp_guard_next(void)
{
	struct kp_redirect *rd;
	bool found = false;

	kp_trap_lock();
	list_for_each_entry(rd, kp_guarded_list, node) {
		found = !kp_rescue_added(&rd->rescue) && kp_guard_is_needed(rd);
		if (found) {
			kp_guard_add(rd);
			break;
		}
	}
	kp_trap_unlock();
	return found;
}

void kp_guard_look(void)
{
	/* The lock and the CPU are others' in between. */
	while (KP_FTRACE_SOLE_IS_SURE && kp_guard_next())
		cond_resched();
}

void kp_guard_count(struct kp_rescue_counts *counts)
{
	struct kp_redirect *rd;

	kp_rescue_count(counts);
	counts->unwatched = atomic_read(&kp_unwatched);
	list_for_each_entry(rd, kp_guarded_list, node)
		counts->unguarded += kp_guard_is_needed(rd) &&
				     !kp_rescue_is_there(&rd->rescue);
}

static bool kp_guards_complete(void)
{
	struct kp_redirect *rd;

	list_for_each_entry(rd, kp_guarded_list, node)
		if (kp_guard_is_needed(rd) && !kp_rescue_is_armed(&rd->rescue))
			return false;
	return true;
}

const char *kp_guard_hazard(void)
{
	if (kp_guard_moving() && kp_ftrace_is_off())
		return "kernel.ftrace_enabled is 0: the patch in transition is not in effect";
	if (kp_guards_complete())
		return NULL;
	if (kp_ftrace_is_off())
		return "kernel.ftrace_enabled is 0: functions without a guard run old code";
	if (KP_HAVE_FUNCTION_TRACE_STOP)
		return "functions without a guard run old code while a tracer is switched";
	return "functions without a guard are traced: tracers' handlers may call their old code";
}

static void kp_watch_ftrace(void)
{
	static bool was_off;
	bool off = kp_ftrace_is_off(), complete;

	if (off == was_off)
		return;
	was_off = off;
	kp_trap_lock();
	complete = !kp_guard_moving() && kp_guards_complete();
	kp_trap_unlock();
	if (!off)
		pr_notice("kernel.ftrace_enabled is 1: patches are in effect as before\n");
	else if (complete)
		pr_warn("kernel.ftrace_enabled is 0: patches stay in effect, but calls of patched functions are slow\n");
	else
		pr_err("kernel.ftrace_enabled is 0: FUNCTIONS WITHOUT A GUARD RUN THEIR OLD CODE\n");
}

static void kp_watch_transitions(void)
{
	static int said;
	int unwatched = atomic_read(&kp_unwatched);

	if (unwatched != said)
		pr_warn("call sites were changed %d times while a patch was in transition: calls may have run the original code meanwhile, in spite of the patch\n",
			unwatched - said);
	said = unwatched;
}

static void kp_watch_fn(struct work_struct *work)
{
	kp_guard_look();
	kp_rescue_report();
	kp_watch_transitions();
	kp_watch_ftrace();
	queue_delayed_work(system_percpu_wq, &kp_watch,
			   round_jiffies_relative(HZ));
}

/* To look as soon as somebody has changed call sites. */

static struct irq_work kp_look_work;
static bool kp_look_early;

static void kp_look_fn(struct irq_work *work)
{
	mod_delayed_work(system_percpu_wq, &kp_watch, 0);
}

/* The place of an NMI, for all that is known: work has to wait. */
static int notrace kp_sites_changed(struct kprobe *kp, struct pt_regs *regs)
{
	if (!KP_FTRACE_SOLE_IS_SURE && !kp_guard_moving())
		return 0;
	if (KP_HAVE_FUNCTION_TRACE_STOP)
		atomic_inc(&kp_unwatched);
	irq_work_queue(&kp_look_work);
	return 0;
}

static struct kprobe kp_sites_probe = {
	.symbol_name = "ftrace_arch_code_modify_post_process",
	.pre_handler = kp_sites_changed,
};

static void kp_look_init(void)
{
	int ret;

	if (!KP_FTRACE_SOLE_IS_SURE && !KP_HAVE_FUNCTION_TRACE_STOP)
		return;
	init_irq_work(&kp_look_work, kp_look_fn);
	ret = register_kprobe(&kp_sites_probe);
	kp_look_early = !ret;
	if (ret)
		pr_info("cannot see tracers come (%d): %s\n", ret,
			KP_FTRACE_SOLE_IS_SURE ?
				"guards come up to a second later" :
				"nor whether they hide a transition");
}

static void kp_look_exit(void)
{
	if (!kp_look_early)
		return;
	unregister_kprobe(&kp_sites_probe);
	irq_work_sync(&kp_look_work);
}

int kp_guard_init(struct list_head *redirects)
{
	int ret;

	kp_guarded_list = redirects;
	kp_find(get_kprobe);
	kp_ftrace_enabled = (int *)kp_symbol_lookup("ftrace_enabled");
	ret = kp_rescue_init();
	if (ret)
		return ret;
	INIT_DEFERRABLE_WORK(&kp_watch, kp_watch_fn);
	kp_look_init();
	queue_delayed_work(system_percpu_wq, &kp_watch, HZ);
	return 0;
}

void kp_guard_exit(void)
{
	kp_look_exit();
	cancel_delayed_work_sync(&kp_watch);
}
