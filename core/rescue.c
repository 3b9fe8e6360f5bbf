// SPDX-License-Identifier: GPL-2.0
/*
 * Catches calls that get past the redirection.
 *
 * ftrace does not promise that each call of a function reaches the handler:
 *
 *  - a call from within another handler is taken for a recursion, if both
 *    functions have several handlers (before 3.18 or so: in any case);
 *  - while kernel.ftrace_enabled is 0 no call does;
 *  - before 3.16 none does while somebody switches a tracer;
 *  - where handlers do not declare that they change the ip (before 3.19), one
 *    of a kprobe that was there first puts it back.
 *
 * Such a call goes on behind the call site, in the body of the old function.
 * There stands a guard, a kprobe.  It costs nothing, because no other call
 * comes by: when a patch has settled, nobody enters the old function.  It sends
 * the call to where the redirection would have; the stack and the registers are
 * those of the function's entry still.
 *
 * A kprobe itself does nothing in the handler of another one.  That is counted,
 * by the kernel.  And there are instructions that can have no kprobe (one that
 * the kernel rewrites, as a static branch).  Both is said.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>

#include "arch/x86.h"
#include "compat.h"
#include "compat/kprobes.h"
#include "fault.h"
#include "rescue.h"
#include "symbol.h"

/* All of them, and what they count; innermost. */
static LIST_HEAD(kp_rescues);
static DEFINE_MUTEX(kp_rescue_lock);

static DEFINE_PER_CPU(unsigned long, kp_rescued);

/* Of those that are no more; under the lock. */
static unsigned long kp_missed_before;
/* What the log knows; under the lock. */
static struct kp_rescue_counts kp_reported;

/* Guards on their way out; the callers' lock. */
static struct kprobe *kp_leaving[32];
static unsigned int kp_leaving_nr;

/* See kp_kprobe_moved(). */
static void *kp_current_kprobe_ptr;

/* In the place of the call, or of anything: notrace, no locks. */
static int notrace kp_rescue_hit(struct kprobe *kp, struct pt_regs *regs)
{
	struct kp_rescue *rescue = container_of(kp, struct kp_rescue, probe);
	unsigned long addr = rescue->where(rescue, regs);

	if (!addr)
		return 0;
	this_cpu_inc(kp_rescued);
	regs->ip = addr;
	return kp_kprobe_moved(kp_current_kprobe_ptr);
}

/* Its presence keeps the probe from becoming a jump, which changes no ip. */
static void notrace kp_rescue_stepped(struct kprobe *kp, struct pt_regs *regs,
				      unsigned long flags)
{
}

int kp_rescue_add(struct kp_rescue *rescue, unsigned long addr)
{
	int ret;

	/* It was asked for before, and something else failed. */
	if (rescue->addr)
		return rescue->there ? 0 : -EINVAL;
	rescue->addr = addr;
	rescue->probe.addr = (void *)kp_arch_behind_site(addr);
	rescue->probe.pre_handler = kp_rescue_hit;
	rescue->probe.post_handler = kp_rescue_stepped;
	rescue->probe.flags = KPROBE_FLAG_DISABLED;
	ret = kp_fault() ? -ENOMEM : register_kprobe(&rescue->probe);
	rescue->there = !ret;
	rescue->armed = false;

	mutex_lock(&kp_rescue_lock);
	list_add(&rescue->node, &kp_rescues);
	mutex_unlock(&kp_rescue_lock);
	return ret;
}

void kp_rescue_arm(struct kp_rescue *rescue, bool on)
{
	int ret;

	if (!rescue->there || rescue->armed == on)
		return;
	ret = on ? enable_kprobe(&rescue->probe) :
		   disable_kprobe(&rescue->probe);
	if (ret)
		pr_warn("cannot %s the guard of %pS (%d)\n",
			on ? "arm" : "disarm", (void *)rescue->addr, ret);
	else
		rescue->armed = on;
}

void kp_rescue_flush(void)
{
	if (kp_leaving_nr)
		unregister_kprobes(kp_leaving, kp_leaving_nr);
	kp_leaving_nr = 0;
}

void kp_rescue_del(struct kp_rescue *rescue)
{
	/* Never added, or gone already. */
	if (!rescue->addr)
		return;
	kp_rescue_report();
	mutex_lock(&kp_rescue_lock);
	list_del(&rescue->node);
	kp_missed_before += rescue->missed;
	mutex_unlock(&kp_rescue_lock);

	rescue->addr = 0;
	if (!rescue->there)
		return;
	rescue->there = false;
	rescue->armed = false;
	/* One wait for all of them is enough. */
	kp_leaving[kp_leaving_nr++] = &rescue->probe;
	if (kp_leaving_nr == ARRAY_SIZE(kp_leaving))
		kp_rescue_flush();
}

void kp_rescue_count(struct kp_rescue_counts *counts)
{
	struct kp_rescue *rescue;
	int cpu;

	memset(counts, 0, sizeof(*counts));
	for_each_possible_cpu(cpu)
		counts->rescued += per_cpu(kp_rescued, cpu);
	mutex_lock(&kp_rescue_lock);
	counts->missed = kp_missed_before;
	list_for_each_entry(rescue, &kp_rescues, node) {
		counts->guarded += rescue->armed;
		counts->missed += READ_ONCE(rescue->probe.nmissed);
	}
	mutex_unlock(&kp_rescue_lock);
}

void kp_rescue_report(void)
{
	struct kp_rescue_counts counts;
	struct kp_rescue *rescue;

	kp_rescue_count(&counts);
	mutex_lock(&kp_rescue_lock);
	if (counts.rescued && !kp_reported.rescued)
		pr_notice("calls of patched functions get past ftrace, and are sent to the new code all the same\n");
	kp_reported = counts;
	list_for_each_entry(rescue, &kp_rescues, node) {
		unsigned long missed = READ_ONCE(rescue->probe.nmissed);

		if (missed != rescue->missed)
			pr_warn("%lu calls of %pS, made in a kprobe's handler, have run the old code\n",
				missed - rescue->missed, (void *)rescue->addr);
		rescue->missed = missed;
	}
	mutex_unlock(&kp_rescue_lock);
}

int kp_rescue_init(void)
{
	if (!KP_HAVE_KPROBE_BREAK_HANDLER)
		return 0;
	kp_current_kprobe_ptr = (void *)kp_symbol_lookup("current_kprobe");
	if (kp_current_kprobe_ptr)
		return 0;
	pr_err("cannot find current_kprobe\n");
	return -ENXIO;
}
