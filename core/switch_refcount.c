// SPDX-License-Identifier: GPL-2.0
/*
 * Model "refcount": everybody switches at one instant, and nobody is stopped.
 *
 * A counter says how many calls are inside the functions in question, plus one
 * (call_count.c).  A call that finds it above zero increments it, takes the old
 * function, and decrements it when it returns (call_returns.h).  A call that finds
 * it zero takes the new function.  So once the additional one is taken away, the
 * decrement that reaches zero is the switch, for all functions of the patch at
 * once; until then all calls are old ones, from then on all are new.
 *
 * Calls that were inside already when counting began are not counted.  That
 * they are gone is known when each task has been seen outside at least once
 * (switch_migrate.c), and only then is the one taken away.
 *
 * A call whose return nobody will see is counted all the same.  If it is one in
 * an interrupt that can be made good: it is over when a worker runs on its CPU.
 * Otherwise zero is never reached: the switch fails, it does not go wrong.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "compat.h"
#include "call_count.h"
#include "call_returns.h"
#include "switch_migrate.h"
#include "switch.h"

/* The additional one has been taken away; the switch's lock. */
static bool kp_ref_unbiased;

/* What "new" means for hooks in transition. */
static bool kp_ref_target;

static bool notrace kp_ref_applied(struct pt_regs *regs)
{
	bool new = kp_returns_call(regs) == KP_CALL_NEW;

	return new == READ_ONCE(kp_ref_target);
}

static int kp_ref_add_site(struct kp_switch *sw, unsigned long addr)
{
	return kp_returns_add(addr);
}

static void kp_ref_del_site(struct kp_switch *sw, unsigned long addr)
{
	kp_returns_del(addr);
}

/* Is it all in vain? */
static int kp_ref_pending(void)
{
	if (!kp_count_lost())
		return -EAGAIN;
	kp_returns_say_missed();
	return -EBUSY;
}

static int kp_ref_begin(struct kp_switch *sw)
{
	int ret = kp_returns_begin();

	if (ret)
		return ret;
	ret = kp_migrate_begin();
	if (ret) {
		kp_returns_end();
		return ret;
	}
	kp_count_begin();
	kp_ref_unbiased = false;
	WRITE_ONCE(kp_ref_target, sw->target);
	return 0;
}

static int kp_ref_try(struct kp_switch *sw)
{
	int ret;

	/* Turned round: all calls are old, and will be. */
	if (sw->target != kp_ref_target)
		return 0;
	if (kp_count_phase() == KP_COUNT_OFF)
		kp_returns_start();
	if (!kp_ref_unbiased) {
		ret = kp_migrate_try(sw, true);
		if (ret)
			return kp_ref_pending();
		/* All calls inside are counted. */
		kp_ref_unbiased = true;
		kp_count_release();
	}
	if (kp_count_inside())
		kp_redirect_run(kp_returns_settle);
	if (!kp_count_inside())
		return 0;
	/* Whoever has come since then is counted, but nobody knows who that is. */
	kp_migrate_note(sw);
	return kp_ref_pending();
}

static int kp_ref_reverse(struct kp_switch *sw)
{
	/* On the way back nobody is to be judged by what the way back is about. */
	kp_migrate_pause();
	if (sw->target != kp_ref_target) {
		kp_count_release();
		return 0;
	}
	/* Keeps zero from being reached, unless that has happened. */
	return kp_count_hold() ? 0 : -EBUSY;
}

static int kp_ref_force(struct kp_switch *sw)
{
	/* Turned round: all calls are old. */
	if (sw->target != kp_ref_target)
		return 1;
	kp_count_set_phase(KP_COUNT_FORCED);
	return 0;
}

static void kp_ref_end(struct kp_switch *sw)
{
	kp_returns_end();
	kp_count_set_phase(KP_COUNT_OFF);
	kp_migrate_end(kp_ref_unbiased);
}

const struct kp_switch_ops kp_switch_refcount = {
	.name = "refcount",
	.unusable = kp_returns_unusable,
	.applied = kp_ref_applied,
	.begin = kp_ref_begin,
	.add_site = kp_ref_add_site,
	.del_site = kp_ref_del_site,
	.try = kp_ref_try,
	.reverse = kp_ref_reverse,
	.force = kp_ref_force,
	.end = kp_ref_end,
};
