// SPDX-License-Identifier: GPL-2.0
/*
 * Model "task": each task switches at an instant of its own, when its stack
 * holds none of the functions in question.  Nobody is stopped.
 *
 * Which functions a task gets is told by its side, a bit (tasks.c).  The bit is
 * changed where it cannot be read meanwhile:
 *
 *  - on the task's CPU, when it comes or goes (sched_switch);
 *  - there, in a timer interrupt that we have caused.  What it has interrupted
 *    may be on its way through the redirection already; the call site's address
 *    is on the stack then, and is one of the ranges;
 *  - from afar, while the task is off its CPU and provably stays there.
 *
 * The first two only scan the stack's words.  The third may also ask the
 * unwinder, in the context of a worker, so that a task which sleeps on a stack
 * with left-overs of old calls is not held up by them.
 *
 * Children inherit their parent's side: the fork hook copies it before they run
 * for the first time, and after they have been put on the task list.  So when a
 * look at the whole list under its lock finds nobody on the wrong side, nobody
 * will come to be there.
 *
 * Interrupts have the side of the task that they interrupt.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#include "compat.h"
#include "switch.h"
#include "tasks.h"

/* A task in the way is nudged every so many tries. */
#define KP_NUDGE_TRIES	8

/* The side that all tasks are on while there is no switch. */
static bool kp_home;

/* The side that means "hooks in transition apply"; stable during a switch. */
static bool kp_side_on;

/* The switch that tasks may follow at the moment, or NULL. */
static struct kp_switch *kp_task_switch;

/* CPUs that run tasks on the wrong side; used under the switch's lock. */
static struct cpumask kp_task_cpus;

static bool notrace kp_task_applied(unsigned long ip, unsigned long sp)
{
	return kp_task_side(current) == READ_ONCE(kp_side_on);
}

static bool kp_task_goal(const struct kp_switch *sw)
{
	return sw->target ? kp_side_on : !kp_side_on;
}

/* On the task's CPU, interrupts off. */
static void kp_task_follow(struct task_struct *task, unsigned long sp)
{
	/*
	 * Pairs with the release in kp_task_try(): target and ranges belong
	 * together.
	 */
	struct kp_switch *sw = smp_load_acquire(&kp_task_switch);
	bool goal;

	if (!sw)
		return;
	goal = kp_task_goal(sw);
	if (kp_task_side(task) == goal)
		return;
	if (!kp_stack_raw(task, READ_ONCE(sw->leave[sw->target]), sp, NULL))
		kp_task_set_side(task, goal);
}

static void kp_task_switching(struct task_struct *prev, bool prev_watched,
			      struct task_struct *next, bool next_watched)
{
	kp_task_follow(prev, 0);
	kp_task_follow(next, 0);
}

static void kp_task_forked(struct task_struct *child)
{
	kp_task_set_side(child, kp_task_side(current));
}

static void kp_task_caught(struct task_struct *task, unsigned long sp)
{
	kp_task_follow(task, sp);
}

static const struct kp_task_events kp_task_events = {
	.switching = kp_task_switching,
	.forked = kp_task_forked,
	.caught = kp_task_caught,
};

/* True if @task is where it shall be. */
static bool kp_task_try_one(struct kp_switch *sw, struct task_struct *task)
{
	bool goal = kp_task_goal(sw);
	struct kp_stack_hit hit;

	if (kp_task_side(task) == goal)
		return true;
	switch (kp_task_look(task, sw->leave[sw->target], &hit)) {
	case KP_LOOK_CLEAR:
		return kp_task_set_side_watched(task, goal);
	case KP_LOOK_BUSY:
		kp_switch_blocked_by(sw, task, &hit, true);
		if (sw->tries % KP_NUDGE_TRIES == 0)
			kp_task_nudge(task);
		return false;
	default:
		cpumask_set_cpu(task_cpu(task), &kp_task_cpus);
		return false;
	}
}

/* Idle tasks of CPUs that are off start from scratch when they come back. */
static bool kp_task_try_idle(struct kp_switch *sw)
{
	struct task_struct *idle;
	bool all = true;
	int cpu;

	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		idle = kp_task_idle(cpu);
		if (!idle)
			continue;
		if (!cpu_online(cpu))
			kp_task_set_side(idle, kp_task_goal(sw));
		else if (!kp_task_try_one(sw, idle))
			all = false;
	}
	cpus_read_unlock();
	return all;
}

struct kp_task_count {
	bool goal;
	unsigned int wrong;
};

static void kp_task_count_wrong(struct task_struct *task, void *data)
{
	struct kp_task_count *count = data;

	if (kp_task_side(task) != count->goal)
		count->wrong++;
}

static bool kp_task_all_there(struct kp_switch *sw)
{
	struct kp_task_count count = { .goal = kp_task_goal(sw) };

	kp_tasks_for_each(kp_task_count_wrong, &count);
	return !count.wrong;
}

static int kp_task_try(struct kp_switch *sw)
{
	struct kp_task_list *tasks;
	bool all = true;
	unsigned int i;

	/* Pairs with the acquire in kp_task_follow(). */
	smp_store_release(&kp_task_switch, sw);

	tasks = kp_tasks_get_all();
	if (!tasks)
		return -EAGAIN;
	cpumask_clear(&kp_task_cpus);
	for (i = 0; i < tasks->nr; i++) {
		if (!kp_task_try_one(sw, tasks->task[i]))
			all = false;
		cond_resched();
	}
	kp_tasks_put(tasks);
	if (!kp_task_try_idle(sw))
		all = false;

	if (all && kp_task_all_there(sw))
		return 0;
	kp_tasks_catch(&kp_task_cpus);
	return -EAGAIN;
}

static void kp_task_set_home(struct task_struct *task, void *data)
{
	kp_task_set_side(task, kp_home);
}

static int kp_task_begin(struct kp_switch *sw)
{
	int ret;

	/*
	 * The hook comes first: who is born while the list is gone through gets
	 * the parent's side, which is home or will be.
	 */
	ret = kp_tasks_listen(&kp_task_events);
	if (ret)
		return ret;
	kp_tasks_for_each(kp_task_set_home, NULL);
	WRITE_ONCE(kp_side_on, sw->target ? !kp_home : kp_home);
	return 0;
}

/* Nobody follows until the next try, which has the new target. */
static void kp_task_reverse(struct kp_switch *sw)
{
	WRITE_ONCE(kp_task_switch, NULL);
	kp_tasks_sync();
}

static void kp_task_send(struct task_struct *task, void *data)
{
	kp_task_set_side(task, kp_task_goal(data));
}

static int kp_task_force(struct kp_switch *sw)
{
	kp_tasks_for_each(kp_task_send, sw);
	return 0;
}

static void kp_task_end(struct kp_switch *sw)
{
	WRITE_ONCE(kp_task_switch, NULL);
	kp_tasks_ignore();
	if (sw->reached)
		kp_home = kp_task_goal(sw);
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
