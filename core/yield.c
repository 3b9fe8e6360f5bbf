// SPDX-License-Identifier: GPL-2.0
/*
 * Lets others have the CPU while the kernel is busy for us.
 *
 * To change some of its call sites, ftrace goes through all of them several
 * times, and does not look who else wants the CPU.  Where the kernel is not
 * preemptible a real-time task waits for milliseconds.
 *
 * A kernel that gets to know at boot how preemptible it is (PREEMPT_DYNAMIC) has
 * been built to be so everywhere.  What keeps a task on its CPU is no more than
 * that interrupts do not ask, when they end, whether another one shall have it:
 * a static call leads nowhere.  While ftrace works for us, that call leads to
 * this file, where the question is asked, about that one task.  All others are
 * treated as before.
 *
 * preempt_enable() still does not ask.  If an interrupt comes where preemption is
 * off, another one follows soon.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "compat.h"
#include "symbol.h"
#include "yield.h"

static bool kp_yield_on = true;
module_param_named(yield, kp_yield_on, bool, 0644);
MODULE_PARM_DESC(yield, "let others have the CPU while ftrace works for us, where the kernel can be made preemptible");

static const char kp_yield_preemptible[] = "this kernel is preemptible";
static const char kp_yield_fixed[] = "this kernel cannot be made preemptible";

#if KP_HAVE_PREEMPT_DYNAMIC_CALL

#include <linux/entry-common.h>
#include <linux/static_call.h>

/* How soon to ask again. */
#define KP_YIELD_NS	50000

/* Who may be preempted; the caller's lock. */
static struct task_struct *kp_yielder;

/* Changed by the yielder only. */
static unsigned long kp_yields;

/* The kernel's static call: its key, and its trampoline. */
static struct static_call_key *kp_exit_key;
static void *kp_exit_tramp;

static DEFINE_PER_CPU(struct hrtimer, kp_yield_timer);

DEFINE_KP_UNEXPORTED(void, raw_irqentry_exit_cond_resched, (void));

static enum hrtimer_restart kp_yield_again(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

/* An interrupt of kernel code ends; interrupts are off. */
static void notrace kp_yield_irq_ends(void)
{
	if (likely(READ_ONCE(kp_yielder) != current) || !need_resched())
		return;
	if (preempt_count()) {
		hrtimer_start(this_cpu_ptr(&kp_yield_timer),
			      ns_to_ktime(KP_YIELD_NS), KP_HRTIMER_MODE);
		return;
	}
	WRITE_ONCE(kp_yields, kp_yields + 1);
	kp_call(raw_irqentry_exit_cond_resched)();
}

const char *kp_yield_needless(void)
{
	void *leads_to;

	if (!kp_exit_key)
		return kp_yield_fixed;
	/* To the kernel's own function: everybody can be preempted. */
	leads_to = READ_ONCE(kp_exit_key->func);
	return leads_to && leads_to != kp_yield_irq_ends ?
	       kp_yield_preemptible : NULL;
}

void kp_yield_begin(void)
{
	if (!READ_ONCE(kp_yield_on) || kp_yield_needless())
		return;
	WRITE_ONCE(kp_yielder, current);
	__static_call_update(kp_exit_key, kp_exit_tramp, kp_yield_irq_ends);
}

void kp_yield_end(void)
{
	if (!kp_yielder)
		return;
	WRITE_ONCE(kp_yielder, NULL);
	/*
	 * If it is not ours any more, the user has made the kernel preemptible
	 * meanwhile.  When this returns, no CPU is in there: they have all had
	 * an interrupt.
	 */
	if (READ_ONCE(kp_exit_key->func) == kp_yield_irq_ends)
		__static_call_update(kp_exit_key, kp_exit_tramp, NULL);
}

unsigned long kp_yield_count(void)
{
	return READ_ONCE(kp_yields);
}

void kp_yield_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_setup(per_cpu_ptr(&kp_yield_timer, cpu), kp_yield_again,
			      CLOCK_MONOTONIC, KP_HRTIMER_MODE);
	kp_exit_tramp = (void *)
		kp_symbol_lookup("__SCT__irqentry_exit_cond_resched");
	if (kp_exit_tramp && kp_find(raw_irqentry_exit_cond_resched))
		kp_exit_key = (void *)
			kp_symbol_lookup("__SCK__irqentry_exit_cond_resched");
}

void kp_yield_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&kp_yield_timer, cpu));
}

#else /* !KP_HAVE_PREEMPT_DYNAMIC_CALL */

void kp_yield_begin(void)
{
}

void kp_yield_end(void)
{
}

const char *kp_yield_needless(void)
{
	/* With a choice that is made elsewhere, nobody knows. */
	if (IS_ENABLED(CONFIG_PREEMPT_DYNAMIC))
		return kp_yield_fixed;
	return IS_ENABLED(CONFIG_PREEMPT) || IS_ENABLED(CONFIG_PREEMPT_RT) ?
	       kp_yield_preemptible : kp_yield_fixed;
}

unsigned long kp_yield_count(void)
{
	return 0;
}

void kp_yield_init(void)
{
}

void kp_yield_exit(void)
{
}

#endif /* !KP_HAVE_PREEMPT_DYNAMIC_CALL */
