/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by kpatch-test-target.c and the patches for it. */
#ifndef _KPATCH_TEST_H
#define _KPATCH_TEST_H

#include <linux/rcupdate.h>
#include <linux/sched.h>

/* What a caller of kt_outer() does in the middle. */
enum kt_pause { KT_NOPAUSE, KT_SLEEP, KT_SPIN };

/*
 * Also in NMIs, where no clock but the processor's own may be asked.  A spin is no
 * cpu_relax(): QEMU's emulator lets the other processors go first at each of these,
 * until their next interrupt, and 2,000 would take seconds beside busy ones.
 */
static inline void kt_pause(enum kt_pause pause)
{
	unsigned int i;

	if (pause == KT_SLEEP)
		schedule_timeout_uninterruptible(1);
	else if (pause == KT_SPIN)
		for (i = 0; i < 20000; i++)
			barrier();
}

/* Busy, but RCU-tasks, for which ftrace waits, has to get on. */
static inline void kt_yield(void)
{
#ifdef cond_resched_tasks_rcu_qs
	cond_resched_tasks_rcu_qs();
#else
	cond_resched();
#endif
}

/* Of how a task stays inside of kt_sleeper(); KT_MERE: it does not, see there. */
enum kt_kind { KT_PLAIN, KT_DEEP, KT_BUSY, KT_COLD, KT_MERE };

/*
 * kt_outer()'s answer if it gets functions of different versions: its own, and
 * those of kt_f(), kt_g() and kt_h(), a hexadecimal digit each.
 */
#define KT_MIX	0x10000

static inline int kt_verdict(int outer, int f, int g, int h)
{
	if (f == outer && g == outer && h == outer)
		return outer;
	return KT_MIX | (outer & 15) << 12 | (f & 15) << 8 | (g & 15) << 4 |
	       (h & 15);
}

int kt_f(void);
int kt_g(void);
int kt_h(void);
int kt_untraced(void);
int kt_outer(enum kt_pause pause);
void kt_sleep_callee(int released);
void kt_sleep_cold(int released);
int kt_recurse(int depth, int released);
int kt_sleeper(enum kt_kind kind);

#endif /* _KPATCH_TEST_H */
