// SPDX-License-Identifier: GPL-2.0
/*
 * Model "refcount": everybody switches at one instant, and nobody is stopped.
 *
 * A counter says how many calls are inside the functions in question, plus one.
 * A call that finds it above zero increments it, takes the old function, and
 * decrements it when it returns.  A call that finds it zero takes the new
 * function.  So once the additional one is taken away, the decrement that
 * reaches zero is the switch, for all functions of the patch at once; until
 * then all calls are old ones, from then on all are new.
 *
 * Calls that were inside already when counting began are not counted.  That
 * they are gone is known when each task has been seen outside at least once
 * (switch_migrate.c), and only then is the one taken away.
 *
 * A call passes two handlers: that of a kretprobe, which is what sees its
 * return, and the one that redirects it (redirect.c).  Which comes first depends
 * on who else uses kprobes.  The first one decides and leaves a mark for the
 * second.  Both run in one section with preemption off, so a mark a CPU and
 * level of interruption does.  Before marks are acted upon there is a phase in
 * which they are only left: when all calls that had begun before it are through,
 * every call has both handlers see it the same way.
 *
 * A kretprobe can be missed: there is no free instance, or an interrupt has come
 * in the middle of another probe.  The other handler has counted the call then,
 * and nobody takes the count back.  For a call in an interrupt that can be made
 * good: it is over when a worker runs on its CPU.  Otherwise zero is never
 * reached: the switch fails, it does not go wrong.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "compat.h"
#include "fault.h"
#include "switch_migrate.h"
#include "switch.h"

static int kp_ref_maxactive = 512;
module_param_named(refcount_calls, kp_ref_maxactive, int, 0644);
MODULE_PARM_DESC(refcount_calls, "model refcount: how many calls of a function can be counted at a time");

/* A function whose calls are counted. */
struct kp_ref_site {
	struct list_head node;
	struct kretprobe rp;
};

/* The switch's lock. */
static LIST_HEAD(kp_ref_sites);

enum kp_ref_phase {
	KP_REF_IDLE,	/* all calls are old */
	KP_REF_MARK,	/* ... and leave marks */
	KP_REF_COUNT,	/* the counter decides */
	KP_REF_FORCED,	/* all calls are new */
};

static enum kp_ref_phase kp_ref_phase;

/* Calls inside, plus one until kp_ref_unbiased. */
static atomic_t kp_ref_count;
static bool kp_ref_unbiased;

/* What "new" means for hooks in transition. */
static bool kp_ref_target;

enum kp_ref_verdict { KP_REF_OLD, KP_REF_COUNTED, KP_REF_NEW };
enum kp_ref_party { KP_REF_NONE, KP_REF_PROBE, KP_REF_HOOK };

/* What the first handler of a call leaves for the second. */
struct kp_ref_mark {
	unsigned long sp;
	enum kp_ref_party by;
	enum kp_ref_verdict verdict;
};

/* By level of interruption: task, softirq, hardirq, NMI. */
#define KP_REF_LEVELS	4
static DEFINE_PER_CPU(struct kp_ref_mark[KP_REF_LEVELS], kp_ref_marks);

/* Calls in interrupts that were counted and whose return nobody sees. */
static DEFINE_PER_CPU(unsigned int, kp_ref_owed);

/* A task's call was counted and nobody will see its return. */
static bool kp_ref_lost;

static __always_inline int kp_ref_level(void)
{
	if (in_nmi())
		return 3;
	if (hardirq_count())
		return 2;
	return in_serving_softirq() ? 1 : 0;
}

static __always_inline enum kp_ref_verdict kp_ref_first(enum kp_ref_phase phase)
{
	if (phase == KP_REF_FORCED)
		return KP_REF_NEW;
	if (phase == KP_REF_MARK)
		return KP_REF_OLD;
	return atomic_inc_not_zero(&kp_ref_count) ? KP_REF_COUNTED : KP_REF_NEW;
}

/* @mark, of that level on this CPU, is left over: its second party is missed. */
static __always_inline void kp_ref_unpaired(const struct kp_ref_mark *mark,
					    int level)
{
	/* On PREEMPT_RT softirqs are preempted: nothing says when one is over. */
	bool over_soon = level > (IS_ENABLED(CONFIG_PREEMPT_RT) ? 1 : 0);

	if (mark->by != KP_REF_HOOK || mark->verdict != KP_REF_COUNTED)
		return;
	if (over_soon)
		this_cpu_inc(kp_ref_owed);
	else
		WRITE_ONCE(kp_ref_lost, true);
}

/*
 * @by is about to handle the call with stack pointer @sp; preemption is off.
 * What an interrupt leaves between the two is of another level, or paired.
 */
static notrace enum kp_ref_verdict kp_ref_decide(enum kp_ref_party by,
						 unsigned long sp)
{
	enum kp_ref_phase phase = READ_ONCE(kp_ref_phase);
	struct kp_ref_mark *mark;
	int level;

	if (phase == KP_REF_IDLE)
		return KP_REF_OLD;

	level = kp_ref_level();
	mark = &(*this_cpu_ptr(&kp_ref_marks))[level];
	if (mark->by != KP_REF_NONE && mark->by != by && mark->sp == sp) {
		mark->by = KP_REF_NONE;
		/* Before the count it may be one of an earlier switch. */
		return phase == KP_REF_MARK ? KP_REF_OLD : mark->verdict;
	}
	kp_ref_unpaired(mark, level);
	mark->verdict = kp_ref_first(phase);
	mark->sp = sp;
	mark->by = by;
	return mark->verdict;
}

static bool notrace kp_ref_applied(unsigned long ip, unsigned long sp)
{
	bool new = kp_ref_decide(KP_REF_HOOK, sp) == KP_REF_NEW;

	return new == READ_ONCE(kp_ref_target);
}

static int notrace kp_ref_enter(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	/* 1: the return is of no interest */
	return kp_ref_decide(KP_REF_PROBE, regs->sp) != KP_REF_COUNTED;
}

static int notrace kp_ref_leave(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	/*
	 * Orders what the call has done before what others do that see zero;
	 * pairs with atomic_inc_not_zero().
	 */
	smp_mb__before_atomic();
	atomic_dec(&kp_ref_count);
	return 0;
}

/* The next two run in a worker on each CPU, interrupts off. */

static void kp_ref_clear_marks(void)
{
	memset(this_cpu_ptr(&kp_ref_marks), 0, sizeof(kp_ref_marks));
	__this_cpu_write(kp_ref_owed, 0);
}

/* No interrupt is under way on this CPU: what its calls owe is due. */
static void kp_ref_settle(void)
{
	struct kp_ref_mark *marks = *this_cpu_ptr(&kp_ref_marks);
	int level;

	for (level = 0; level < KP_REF_LEVELS; level++) {
		kp_ref_unpaired(&marks[level], level);
		marks[level].by = KP_REF_NONE;
	}
	atomic_sub(__this_cpu_read(kp_ref_owed), &kp_ref_count);
	__this_cpu_write(kp_ref_owed, 0);
}

static int kp_ref_add_site(struct kp_switch *sw, unsigned long addr)
{
	struct kp_ref_site *site;
	int ret;

	site = kp_fault() ? NULL : kzalloc(sizeof(*site), GFP_KERNEL);
	if (!site)
		return -ENOMEM;
	site->rp.kp.addr = (kprobe_opcode_t *)addr;
	site->rp.entry_handler = kp_ref_enter;
	site->rp.handler = kp_ref_leave;
	site->rp.maxactive = READ_ONCE(kp_ref_maxactive);
	ret = kp_fault() ? -ENOMEM : register_kretprobe(&site->rp);
	if (ret) {
		pr_err("cannot count calls of %pS: no kretprobe (%d)\n",
		       (void *)addr, ret);
		kfree(site);
		return ret;
	}
	list_add(&site->node, &kp_ref_sites);
	return 0;
}

static void kp_ref_del_site(struct kp_switch *sw, unsigned long addr)
{
	struct kp_ref_site *site, *next;

	list_for_each_entry_safe(site, next, &kp_ref_sites, node) {
		if ((unsigned long)site->rp.kp.addr != addr)
			continue;
		list_del(&site->node);
		unregister_kretprobe(&site->rp);
		kfree(site);
	}
}

/* The kernel waits for RCU once a call, not once a probe. */
static void kp_ref_del_sites(void)
{
	struct kretprobe *probes[32];
	struct kp_ref_site *site, *next;
	unsigned int nr;

	while (!list_empty(&kp_ref_sites)) {
		LIST_HEAD(gone);

		nr = 0;
		list_for_each_entry_safe(site, next, &kp_ref_sites, node) {
			if (nr == ARRAY_SIZE(probes))
				break;
			probes[nr++] = &site->rp;
			list_move(&site->node, &gone);
		}
		unregister_kretprobes(probes, nr);
		list_for_each_entry_safe(site, next, &gone, node)
			kfree(site);
	}
}

/* Is it all in vain? */
static int kp_ref_pending(void)
{
	struct kp_ref_site *site;

	if (!READ_ONCE(kp_ref_lost))
		return -EAGAIN;
	list_for_each_entry(site, &kp_ref_sites, node)
		if (site->rp.nmissed || site->rp.kp.nmissed)
			pr_err("%pS was called and not counted (%d times)\n",
			       site->rp.kp.addr,
			       (int)(site->rp.nmissed + site->rp.kp.nmissed));
	return -EBUSY;
}

static int kp_ref_begin(struct kp_switch *sw)
{
	int ret = kp_migrate_begin();

	if (ret)
		return ret;
	atomic_set(&kp_ref_count, 1);
	kp_ref_unbiased = false;
	kp_ref_lost = false;
	WRITE_ONCE(kp_ref_target, sw->target);
	return 0;
}

/* All sites have their probes and all hooks are in transition. */
static void kp_ref_start(void)
{
	WRITE_ONCE(kp_ref_phase, KP_REF_MARK);
	/* Calls that have passed one handler before that are through after... */
	kp_redirect_run(kp_ref_clear_marks);
	/* ... and their marks, half of a pair, are gone. */
	WRITE_ONCE(kp_ref_phase, KP_REF_COUNT);
}

static int kp_ref_try(struct kp_switch *sw)
{
	int ret;

	/* Turned round: all calls are old, and will be. */
	if (sw->target != kp_ref_target)
		return 0;
	if (READ_ONCE(kp_ref_phase) == KP_REF_IDLE)
		kp_ref_start();
	if (!kp_ref_unbiased) {
		ret = kp_migrate_try(sw, true);
		if (ret)
			return kp_ref_pending();
		/* All calls inside are counted. */
		kp_ref_unbiased = true;
		/* What was seen of them comes before zero; as kp_ref_leave(). */
		smp_mb__before_atomic();
		atomic_dec(&kp_ref_count);
	}
	if (atomic_read(&kp_ref_count))
		kp_redirect_run(kp_ref_settle);
	return atomic_read(&kp_ref_count) ? kp_ref_pending() : 0;
}

static int kp_ref_reverse(struct kp_switch *sw)
{
	/* One that is never taken away, unless zero has been reached. */
	return atomic_inc_not_zero(&kp_ref_count) ? 0 : -EBUSY;
}

static int kp_ref_force(struct kp_switch *sw)
{
	if (sw->target == kp_ref_target)
		WRITE_ONCE(kp_ref_phase, KP_REF_FORCED);
	return 0;
}

static void kp_ref_end(struct kp_switch *sw)
{
	kp_ref_del_sites();
	WRITE_ONCE(kp_ref_phase, KP_REF_IDLE);
	kp_migrate_end(kp_ref_unbiased);
}

const struct kp_switch_ops kp_switch_refcount = {
	.name = "refcount",
	.applied = kp_ref_applied,
	.begin = kp_ref_begin,
	.add_site = kp_ref_add_site,
	.del_site = kp_ref_del_site,
	.try = kp_ref_try,
	.reverse = kp_ref_reverse,
	.force = kp_ref_force,
	.end = kp_ref_end,
};
