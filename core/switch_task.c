// SPDX-License-Identifier: GPL-2.0
/*
 * Model "task": each task switches at an instant of its own, when its stack
 * holds none of the functions in question.  Nobody is stopped.
 *
 * Interrupts get the functions of the task that they interrupt.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "compat.h"
#include "switch_migrate.h"
#include "switch.h"

/* The target that tasks leave home for; written before hooks are in transition. */
static bool kp_task_target;

static bool notrace kp_task_applied(struct pt_regs *regs)
{
	return kp_migrated(current) == READ_ONCE(kp_task_target);
}

static bool kp_task_away(const struct kp_switch *sw)
{
	return sw->target == kp_task_target;
}

static int kp_task_begin(struct kp_switch *sw)
{
	WRITE_ONCE(kp_task_target, sw->target);
	return kp_migrate_begin();
}

static int kp_task_try(struct kp_switch *sw)
{
	return kp_migrate_try(sw, kp_task_away(sw));
}

static int kp_task_reverse(struct kp_switch *sw)
{
	kp_migrate_pause();
	return 0;
}

static int kp_task_force(struct kp_switch *sw)
{
	kp_migrate_force(kp_task_away(sw));
	return 0;
}

static void kp_task_end(struct kp_switch *sw)
{
	kp_migrate_end(sw->reached && kp_task_away(sw));
}

const struct kp_switch_ops kp_switch_task = {
	.name = "task",
	.applied = kp_task_applied,
	.begin = kp_task_begin,
	.try = kp_task_try,
	.reverse = kp_task_reverse,
	.force = kp_task_force,
	.end = kp_task_end,
};
