// SPDX-License-Identifier: GPL-2.0
/*
 * Takes every task from one side to the other.
 *
 * The side is a bit of the task (tasks.c).  Its value "home" is what all have
 * in the beginning.  It is changed where it cannot be read meanwhile:
 *
 *  - on the task's CPU, when it comes or goes (sched_switch);
 *  - there, in a timer interrupt that we have caused.  What it has interrupted
 *    may be on its way through the redirection already; the call site's address
 *    is on the stack then, and is one of the ranges;
 *  - from afar, while the task is off its CPU and provably stays there;
 *  - by the task itself, if it is the one that does all this.
 *
 * The first only scans the stack's words.  The others also ask the unwinder, so
 * that a task whose stack has left-overs of old calls is not held up by them.
 *
 * Children inherit their parent's side: the fork hook copies it before they run
 * for the first time, and after they have been put on the task list.  So when a
 * look at the whole list under its lock finds nobody on the wrong side, nobody
 * will come to be there.
 *
 * A task that exits leaves the list before it leaves its CPU, and interrupts go
 * on to find it there.  So each CPU is asked, in the end, whom it runs.  (Where
 * the kernel is preemptible, one that is preempted on these last metres is not
 * seen.  It would have to be inside a patched function that do_exit() calls.)
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "compat.h"
#include "switch_migrate.h"
#include "switch.h"
#include "tasks.h"

/* From this try on, tasks in the way are met where they leave the kernel. */
#define KP_AWAIT_TRIES	2

/*
 * A task in the way is nudged every so many tries.  Some system calls do not
 * restart but fail then, so that a switch which has time does without at first.
 */
#define KP_NUDGE_TRIES	8
#define KP_NUDGE_MS	15000

/* The side that all tasks are on, or were before the first of them moved. */
static bool kp_home;

/* Where tasks shall go at the moment; the switch's lock. */
struct kp_goal {
	struct kp_switch *sw;
	bool side;
};

static struct kp_goal kp_goal;

/* &kp_goal while tasks may follow it, else NULL. */
static struct kp_goal *kp_live_goal;

/* CPUs that run tasks on the wrong side; the switch's lock. */
static struct cpumask kp_busy_cpus;

bool notrace kp_migrated(struct task_struct *task)
{
	return kp_task_side(task) != READ_ONCE(kp_home);
}

/*
 * On the task's CPU, interrupts off.  The unwinder is asked if there is room for
 * its @frames.  True if the task has moved.
 */
static bool kp_follow(struct task_struct *task, unsigned long sp,
		      struct kp_frames *frames)
{
	/* Pairs with the release in kp_migrate_try(): the goal is complete. */
	struct kp_goal *goal = smp_load_acquire(&kp_live_goal);
	const struct kp_ranges *leave;

	if (!goal || kp_task_side(task) == goal->side)
		return false;
	leave = READ_ONCE(goal->sw->leave[goal->sw->target]);
	if (frames ? kp_stack_busy_here(leave, sp, frames) :
		     kp_stack_raw(task, leave, sp, NULL))
		return false;
	kp_task_set_side(task, goal->side);
	return true;
}

static void kp_migrate_switching(struct task_struct *prev, bool prev_watched,
				 struct task_struct *next, bool next_watched)
{
	kp_follow(prev, 0, NULL);
	kp_follow(next, 0, NULL);
}

static void kp_migrate_forked(struct task_struct *child)
{
	kp_task_set_side(child, kp_task_side(current));
}

static bool kp_migrate_caught(struct task_struct *task, unsigned long sp,
			      struct kp_frames *frames)
{
	return kp_follow(task, sp, frames);
}

static void kp_migrate_visited(struct task_struct *task,
			       struct kp_frames *frames)
{
	kp_follow(task, 0, frames);
}

static const struct kp_task_events kp_migrate_events = {
	.switching = kp_migrate_switching,
	.forked = kp_migrate_forked,
	.caught = kp_migrate_caught,
	.visited = kp_migrate_visited,
};

static bool kp_nudge_is_due(const struct kp_switch *sw)
{
	if (sw->tries % KP_NUDGE_TRIES)
		return false;
	return !sw->patient ||
	       ktime_to_ms(ktime_sub(ktime_get(), sw->start)) >= KP_NUDGE_MS;
}

static void kp_nudge(struct kp_switch *sw, struct task_struct *task)
{
	if (!sw->nudged && sw->nudging)
		sw->nudging(sw);
	sw->nudged = true;
	kp_task_nudge(task);
}

static void kp_blocked(struct kp_switch *sw, struct task_struct *task,
		       const struct kp_stack_hit *hit)
{
	kp_switch_blocked_by(sw, task, hit, hit->addr);
	if (sw->blocked)
		sw->blocked(sw, task, hit);
}

/* Whoever asks for a switch is running, and need not wait for somebody else. */
static bool kp_move_current(struct kp_switch *sw)
{
	struct kp_stack_hit hit;
	unsigned long flags;
	bool busy;

	local_irq_save(flags);
	busy = kp_stack_busy(current, sw->leave[sw->target], &hit);
	if (!busy)
		kp_task_set_side(current, kp_goal.side);
	local_irq_restore(flags);
	if (busy)
		kp_blocked(sw, current, &hit);
	return !busy;
}

static void kp_blocked_asleep(struct kp_switch *sw, struct task_struct *task,
			      const struct kp_stack_hit *hit)
{
	kp_blocked(sw, task, hit);
	if (kp_nudge_is_due(sw))
		kp_nudge(sw, task);
	else if (sw->tries >= KP_AWAIT_TRIES)
		kp_task_await(task);
}

/* True if @task is where it shall be. */
static bool kp_move(struct kp_switch *sw, struct task_struct *task)
{
	struct kp_stack_hit hit;

	if (kp_task_side(task) == kp_goal.side)
		return true;
	if (task == current)
		return kp_move_current(sw);
	switch (kp_task_look(task, sw->leave[sw->target], &hit)) {
	case KP_LOOK_CLEAR:
		return kp_task_set_side_watched(task, kp_goal.side);
	case KP_LOOK_BUSY:
		kp_blocked_asleep(sw, task, &hit);
		return false;
	default:
		/* Nobody can tell where; it may be on its way out already. */
		hit.addr = 0;
		hit.unwound = false;
		hit.name = "the kernel, running";
		kp_blocked(sw, task, &hit);
		cpumask_set_cpu(task_cpu(task), &kp_busy_cpus);
		if (sw->tries >= KP_AWAIT_TRIES)
			kp_task_await(task);
		return false;
	}
}

static bool kp_move_threads(struct kp_switch *sw)
{
	struct kp_task_list *tasks = kp_tasks_get_all();
	bool all = true;
	unsigned int i;

	if (!tasks)
		return false;
	for (i = 0; i < tasks->nr; i++) {
		if (!kp_move(sw, tasks->task[i]))
			all = false;
		cond_resched();
	}
	kp_tasks_put(tasks);
	return all;
}

/* Idle tasks of CPUs that are off start from scratch when they come back. */
static bool kp_move_idle(struct kp_switch *sw)
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
			kp_task_set_side(idle, kp_goal.side);
		else if (!kp_move(sw, idle))
			all = false;
	}
	cpus_read_unlock();
	return all;
}

static void kp_check_side(struct task_struct *task, void *data)
{
	bool *all = data;

	if (kp_task_side(task) != kp_goal.side)
		WRITE_ONCE(*all, false);
}

static void kp_check_current(void *all)
{
	kp_check_side(current, all);
}

int kp_migrate_try(struct kp_switch *sw, bool away)
{
	bool all;

	/* Changes only when nobody follows: kp_migrate_pause(). */
	kp_goal.sw = sw;
	kp_goal.side = away ? !kp_home : kp_home;
	/* Pairs with the acquire in kp_follow(). */
	smp_store_release(&kp_live_goal, &kp_goal);

	cpumask_clear(&kp_busy_cpus);
	all = kp_move_threads(sw);
	if (!kp_move_idle(sw))
		all = false;
	if (all)
		kp_tasks_for_each(kp_check_side, &all);
	if (all)
		on_each_cpu(kp_check_current, &all, 1);
	if (all)
		return 0;
	kp_tasks_catch(&kp_busy_cpus);
	return -EAGAIN;
}

void kp_migrate_note(struct kp_switch *sw)
{
	struct kp_task_list *tasks = kp_tasks_get_all();
	const struct kp_ranges *leave = sw->leave[sw->target];
	struct kp_stack_hit hit;
	unsigned int i;

	if (!tasks)
		return;
	for (i = 0; i < tasks->nr; i++) {
		if (tasks->task[i] != current &&
		    kp_task_look(tasks->task[i], leave, &hit) == KP_LOOK_BUSY)
			kp_blocked_asleep(sw, tasks->task[i], &hit);
		cond_resched();
	}
	kp_tasks_put(tasks);
}

void kp_migrate_pause(void)
{
	WRITE_ONCE(kp_live_goal, NULL);
	kp_tasks_sync();
}

static void kp_set_side(struct task_struct *task, void *data)
{
	kp_task_set_side(task, *(bool *)data);
}

void kp_migrate_force(bool away)
{
	bool side = away ? !kp_home : kp_home;

	kp_tasks_for_each(kp_set_side, &side);
}

int kp_migrate_begin(void)
{
	int ret;

	/*
	 * The hook comes first: who is born while the list is gone through gets
	 * the parent's side, which is home or will be.
	 */
	ret = kp_tasks_listen(&kp_migrate_events);
	if (ret)
		return ret;
	kp_tasks_for_each(kp_set_side, &kp_home);
	/*
	 * A switch that was turned round leaves some away, and a child of one of
	 * those may have been given its side after it was brought home.
	 */
	kp_tasks_sync();
	kp_tasks_for_each(kp_set_side, &kp_home);
	return 0;
}

void kp_migrate_end(bool away)
{
	WRITE_ONCE(kp_live_goal, NULL);
	kp_tasks_ignore();
	/* No bit is flipped back: home is where everybody is. */
	if (away)
		WRITE_ONCE(kp_home, !kp_home);
}
