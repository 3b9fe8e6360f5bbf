// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the calls that are inside of functions, for model refcount.
 */
#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/percpu.h>

#include "compat.h"
#include "call_count.h"

static enum kp_count_phase kp_phase;

/* Calls inside, plus those that the owner holds. */
static atomic_t kp_inside;

/* Calls in interrupts that were counted and whose return nobody sees. */
static DEFINE_PER_CPU(unsigned int, kp_owed);

/* A task's call was counted and nobody will see its return. */
static bool kp_lost;

enum kp_count_phase notrace kp_count_phase(void)
{
	return READ_ONCE(kp_phase);
}

enum kp_call notrace kp_count_enter(void)
{
	switch (READ_ONCE(kp_phase)) {
	case KP_COUNT_FORCED:
		return KP_CALL_NEW;
	case KP_COUNT_ON:
		return atomic_inc_not_zero(&kp_inside) ? KP_CALL_COUNTED :
							 KP_CALL_NEW;
	default:
		return KP_CALL_OLD;
	}
}

void notrace kp_count_leave(void)
{
	/*
	 * Orders what the call has done before what others do that see zero;
	 * pairs with atomic_inc_not_zero() in kp_count_enter().
	 */
	smp_mb__before_atomic();
	atomic_dec(&kp_inside);
}

int notrace kp_count_level(void)
{
	if (in_nmi())
		return 3;
	if (hardirq_count())
		return 2;
	return in_serving_softirq() ? 1 : 0;
}

void notrace kp_count_missed(int level)
{
	/* On PREEMPT_RT softirqs are preempted: nothing says when one is over. */
	bool over_soon = level > (IS_ENABLED(CONFIG_PREEMPT_RT) ? 1 : 0);

	if (over_soon)
		this_cpu_inc(kp_owed);
	else
		WRITE_ONCE(kp_lost, true);
}

bool kp_count_lost(void)
{
	return READ_ONCE(kp_lost);
}

void kp_count_begin(void)
{
	int cpu;

	/*
	 * The phase is OFF, and nobody is left in a handler: kp_redirect_end().
	 * A CPU may have gone offline with what it owed in an earlier switch,
	 * and come back in this one.
	 */
	for_each_possible_cpu(cpu)
		per_cpu(kp_owed, cpu) = 0;
	atomic_set(&kp_inside, 1);
	WRITE_ONCE(kp_lost, false);
}

void kp_count_set_phase(enum kp_count_phase phase)
{
	WRITE_ONCE(kp_phase, phase);
}

bool kp_count_hold(void)
{
	return atomic_inc_not_zero(&kp_inside);
}

void kp_count_release(void)
{
	kp_count_leave();
}

int kp_count_inside(void)
{
	return atomic_read(&kp_inside);
}

void kp_count_settle(void)
{
	atomic_sub(__this_cpu_read(kp_owed), &kp_inside);
	__this_cpu_write(kp_owed, 0);
}
