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
 * If one of the two is missed (no free kretprobe instance, a probe hit inside of
 * another one), a count is never taken back and zero never reached: the switch
 * fails, it does not go wrong.
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
static DEFINE_PER_CPU(struct kp_ref_mark[4], kp_ref_marks);

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

/*
 * @by is about to handle the call with stack pointer @sp; preemption is off.
 * What an interrupt leaves between the two is of another level, or paired.
 */
static notrace enum kp_ref_verdict kp_ref_decide(enum kp_ref_party by,
						 unsigned long sp)
{
	enum kp_ref_phase phase = READ_ONCE(kp_ref_phase);
	struct kp_ref_mark *mark;

	if (phase == KP_REF_IDLE)
		return KP_REF_OLD;

	mark = &(*this_cpu_ptr(&kp_ref_marks))[kp_ref_level()];
	if (mark->by != KP_REF_NONE && mark->by != by && mark->sp == sp) {
		mark->by = KP_REF_NONE;
		return mark->verdict;
	}
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

static void kp_ref_clear_marks(void)
{
	memset(this_cpu_ptr(&kp_ref_marks), 0, sizeof(kp_ref_marks));
}

static int kp_ref_add_site(struct kp_switch *sw, unsigned long addr)
{
	struct kp_ref_site *site = kzalloc(sizeof(*site), GFP_KERNEL);
	int ret;

	if (!site)
		return -ENOMEM;
	site->rp.kp.addr = (kprobe_opcode_t *)addr;
	site->rp.entry_handler = kp_ref_enter;
	site->rp.handler = kp_ref_leave;
	site->rp.maxactive = READ_ONCE(kp_ref_maxactive);
	ret = register_kretprobe(&site->rp);
	if (ret) {
		pr_err("cannot count calls of %pS: no kretprobe (%d)\n",
		       (void *)addr, ret);
		kfree(site);
		return ret;
	}
	list_add(&site->node, &kp_ref_sites);
	return 0;
}

static void kp_ref_drop_site(struct kp_ref_site *site)
{
	list_del(&site->node);
	unregister_kretprobe(&site->rp);
	kfree(site);
}

static void kp_ref_del_site(struct kp_switch *sw, unsigned long addr)
{
	struct kp_ref_site *site, *next;

	list_for_each_entry_safe(site, next, &kp_ref_sites, node)
		if ((unsigned long)site->rp.kp.addr == addr)
			kp_ref_drop_site(site);
}

static bool kp_ref_missed(void)
{
	struct kp_ref_site *site;

	list_for_each_entry(site, &kp_ref_sites, node) {
		if (!site->rp.nmissed && !site->rp.kp.nmissed)
			continue;
		pr_err("a call of %pS was not counted\n", site->rp.kp.addr);
		return true;
	}
	return false;
}

static int kp_ref_begin(struct kp_switch *sw)
{
	int ret = kp_migrate_begin();

	if (ret)
		return ret;
	atomic_set(&kp_ref_count, 1);
	kp_ref_unbiased = false;
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
			return kp_ref_missed() ? -EBUSY : ret;
		/* All calls inside are counted. */
		kp_ref_unbiased = true;
		/* What was seen of them comes before zero; as kp_ref_leave(). */
		smp_mb__before_atomic();
		atomic_dec(&kp_ref_count);
	}
	if (!atomic_read(&kp_ref_count))
		return 0;
	return kp_ref_missed() ? -EBUSY : -EAGAIN;
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
	struct kp_ref_site *site, *next;

	list_for_each_entry_safe(site, next, &kp_ref_sites, node)
		kp_ref_drop_site(site);
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
