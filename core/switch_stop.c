// SPDX-License-Identifier: GPL-2.0
/*
 * Model "stop": everybody switches at one instant, while all CPUs are stopped.
 *
 * A try has two parts.  First, while everything runs, all tasks are looked at.
 * One that is inside a function in question ends the try: it has cost nobody
 * anything.  Tasks that are clear are watched (tasks.c): the scheduler's
 * tracepoint makes a record of those that get a CPU from then on.  Tasks that
 * have a CPU at the time, and new ones, go on the record at once.
 *
 * So does one that is inside and could run: where the kernel is preemptible, it
 * takes the CPU from callers of a hot function inside of it more often than not.
 * Such a task is somewhere else soon, and a try has several rounds for it, in
 * which only those on record are looked at again.
 *
 * Then the CPUs are stopped, and only tasks on record are looked at, however
 * many others sleep.  All of them are off their CPUs then: the stop machine's
 * threads have taken over.  If they are clear, one store switches everybody.
 *
 * NMIs still happen.  If one calls a function in question from the time before
 * the stop on, until the store, it has been told "not switched", and may call
 * another one after the store: the store is then not made, and the try failed.
 * An NMI that has made its first such call before that time has returned before
 * its CPU could stop.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/delay.h>
#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/stop_machine.h>

#include "compat.h"
#include "fault.h"
#include "switch.h"
#include "tasks.h"

static unsigned int kp_stop_tries = 20;
module_param_named(stop_tries, kp_stop_tries, uint, 0644);
MODULE_PARM_DESC(stop_tries, "model stop: give up after so many tries");

static bool kp_stop_naive;
module_param_named(stop_naive, kp_stop_naive, bool, 0600);
MODULE_PARM_DESC(stop_naive, "for benchmarks: unwind all tasks while CPUs are stopped");

/* kp_stop_state: whether hooks in transition apply, and about NMIs */
#define KP_STOP_APPLIED		1
#define KP_STOP_WINDOW		2	/* the store is about to come */
#define KP_STOP_SPOILED		4	/* ... an NMI was faster */

/* In one try, as long as only tasks are in the way that can run. */
#define KP_STOP_ROUNDS		10
#define KP_STOP_ROUND_US	1000

static atomic_t kp_stop_state;

/*
 * Tasks that have run since they were looked at.  Added to by the scheduler's
 * tracepoints; read when CPUs are stopped, or when nobody adds any more.
 */
struct kp_record {
	struct kp_task_list *list;
	atomic_t used;
};

static struct kp_record kp_record;

static void kp_record_task(struct task_struct *task)
{
	/* Pairs with the release in kp_record_open(). */
	struct kp_task_list *list = smp_load_acquire(&kp_record.list);
	unsigned int i;

	if (!list)
		return;
	i = atomic_inc_return(&kp_record.used) - 1;
	if (i < list->max) {
		get_task_struct(task);
		WRITE_ONCE(list->task[i], task);
	}
}

static int kp_record_open(unsigned int nr_tasks)
{
	struct kp_task_list *list;

	/* Room for all there are, and for some to be born. */
	list = kp_tasks_alloc(nr_tasks + 1024);
	if (!list)
		return -ENOMEM;
	atomic_set(&kp_record.used, 0);
	/* Pairs with the acquire in kp_record_task(). */
	smp_store_release(&kp_record.list, list);
	return 0;
}

static void kp_record_close(void)
{
	struct kp_task_list *list = kp_record.list;

	WRITE_ONCE(kp_record.list, NULL);
	kp_tasks_sync();
	list->nr = min_t(unsigned int, atomic_read(&kp_record.used), list->max);
	kp_tasks_put(list);
}

/* One that exits is on no list of tasks any more, so nobody watches it. */
static bool kp_stop_records(struct task_struct *task, bool watched)
{
	return watched || !pid_alive(task);
}

static void kp_stop_switching(struct task_struct *prev, bool prev_watched,
			      struct task_struct *next, bool next_watched)
{
	if (kp_stop_records(prev, prev_watched))
		kp_record_task(prev);
	if (kp_stop_records(next, next_watched))
		kp_record_task(next);
}

static const struct kp_task_events kp_stop_events = {
	.switching = kp_stop_switching,
	.forked = kp_record_task,
};

static bool notrace kp_stop_applied(struct pt_regs *regs)
{
	int state = atomic_read(&kp_stop_state);

	if (unlikely(state & KP_STOP_WINDOW) && in_nmi()) {
		int spoiled = (state & ~KP_STOP_WINDOW) | KP_STOP_SPOILED;
		int seen = atomic_cmpxchg(&kp_stop_state, state, spoiled);

		/* Lost against the store (or another NMI): that one counts. */
		if (seen != state)
			state = seen;
	}
	return state & KP_STOP_APPLIED;
}

/* What the stopped CPUs work on; nothing in here prints or allocates. */
struct kp_window {
	struct kp_switch *sw;
	struct kp_task_list *tasks;
	struct task_struct *blocker;
	struct kp_stack_hit hit;
};

static bool kp_window_task_busy(struct kp_window *win,
				struct task_struct *task)
{
	/*
	 * The other CPUs' threads of the stop machine are not where their saved
	 * stack pointer says, but they are where this one is.
	 */
	if (task != current && kp_task_running(task))
		return false;
	if (!kp_stack_busy(task, win->sw->leave[win->sw->target], &win->hit))
		return false;
	win->blocker = task;
	return true;
}

/* What a window would cost without all that this file does; no more than that. */
static void kp_window_unwind_all(struct kp_window *win)
{
	unsigned int i;

	for (i = 0; i < win->tasks->nr; i++)
		kp_stack_unwind_busy(win->tasks->task[i],
				     win->sw->leave[win->sw->target]);
}

/* -EINPROGRESS: it may be all right soon, -EAGAIN: not with this record. */
static int kp_window_check(struct kp_window *win)
{
	struct kp_task_list *list = kp_record.list;
	int nr = atomic_read(&kp_record.used);
	int i, cpu;

	if (READ_ONCE(kp_stop_naive))
		kp_window_unwind_all(win);
	if (nr > list->max)
		return -EAGAIN;
	if (kp_window_task_busy(win, current))
		return -EINPROGRESS;
	for (i = 0; i < nr; i++)
		if (kp_window_task_busy(win, list->task[i]))
			return -EINPROGRESS;
	for_each_online_cpu(cpu)
		if (kp_window_task_busy(win, kp_task_idle(cpu)))
			return -EINPROGRESS;
	return 0;
}

static int kp_window(void *data)
{
	struct kp_window *win = data;
	bool target = win->sw->target;
	int before, after, ret = 0;
	ktime_t start = ktime_get();

	if (win->tasks)
		ret = kp_window_check(win);
	if (!ret) {
		/* Fully ordered; the handler's atomics see old or new. */
		before = (target ? 0 : KP_STOP_APPLIED) | KP_STOP_WINDOW;
		after = target ? KP_STOP_APPLIED : 0;
		if (atomic_cmpxchg(&kp_stop_state, before, after) != before)
			ret = -EINPROGRESS;
	}
	win->sw->window_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	return ret;
}

/* @tasks: NULL if nobody is to be looked at. */
static int kp_stop_and_switch(struct kp_switch *sw, struct kp_task_list *tasks)
{
	struct kp_window win = { .sw = sw, .tasks = tasks };
	int old = sw->target ? 0 : KP_STOP_APPLIED;
	int ret;

	/* From here on NMIs can spoil it: see the head of this file. */
	atomic_set(&kp_stop_state, old | KP_STOP_WINDOW);
	ret = kp_fault() ? -ENOMEM : stop_machine(kp_window, &win, NULL);
	if (ret)
		atomic_set(&kp_stop_state, old);
	if (!win.blocker)
		return ret;
	/* The stack of one that sleeps is still what it was in the window. */
	ret = kp_task_state(win.blocker) ? -EAGAIN : -EINPROGRESS;
	kp_switch_blocked_by(sw, win.blocker, &win.hit, ret == -EAGAIN);
	return ret;
}

/* What to answer if @task is in the way too, after @ret for the others. */
static int kp_stop_busy(struct task_struct *task, int ret)
{
	return kp_task_state(task) || ret == -EAGAIN ? -EAGAIN : -EINPROGRESS;
}

/* Looks at everybody while they run; who cannot be judged goes on record. */
static int kp_stop_sweep(struct kp_switch *sw, struct kp_task_list *tasks)
{
	const struct kp_ranges *ranges = sw->leave[sw->target];
	struct kp_stack_hit hit;
	enum kp_look look;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < tasks->nr; i++) {
		struct task_struct *task = tasks->task[i];

		look = kp_task_look(task, ranges, &hit);
		if (look == KP_LOOK_BUSY) {
			ret = kp_stop_busy(task, ret);
			kp_switch_blocked_by(sw, task, &hit, true);
		}
		if (look != KP_LOOK_CLEAR)
			kp_record_task(task);
		cond_resched();
	}
	return ret;
}

/* The same again, with those on record; the others still sleep. */
static int kp_stop_sweep_record(struct kp_switch *sw)
{
	const struct kp_ranges *ranges = sw->leave[sw->target];
	struct kp_task_list *list = kp_record.list;
	unsigned int nr = atomic_read(&kp_record.used);
	struct kp_stack_hit hit;
	unsigned int i;
	int ret = 0;

	if (nr > list->max)
		return -EAGAIN;
	sw->nr_blockers = 0;
	for (i = 0; i < nr; i++) {
		struct task_struct *task = READ_ONCE(list->task[i]);

		/* Being recorded this instant: the window will see it. */
		if (!task)
			continue;
		if (kp_task_look(task, ranges, &hit) == KP_LOOK_BUSY) {
			ret = kp_stop_busy(task, ret);
			kp_switch_blocked_by(sw, task, &hit, true);
		}
		kp_task_unwatch(task);
		cond_resched();
	}
	return ret;
}

static int kp_stop_rounds(struct kp_switch *sw, struct kp_task_list *tasks)
{
	int ret = kp_stop_sweep(sw, tasks);
	int round;

	for (round = 1; ; round++) {
		if (!ret)
			ret = kp_stop_and_switch(sw, tasks);
		if (ret != -EINPROGRESS)
			return ret;
		if (round == KP_STOP_ROUNDS)
			return -EAGAIN;
		usleep_range(KP_STOP_ROUND_US, 2 * KP_STOP_ROUND_US);
		ret = kp_stop_sweep_record(sw);
	}
}

static bool kp_stop_is_there(const struct kp_switch *sw)
{
	bool applied = atomic_read(&kp_stop_state) & KP_STOP_APPLIED;

	return applied == sw->target;
}

static int kp_stop_try(struct kp_switch *sw)
{
	struct kp_task_list *tasks;
	unsigned int i;
	int ret;

	/* Reversed: nobody has been switched yet. */
	if (kp_stop_is_there(sw))
		return 0;

	/* From here on the newborn are on record; those before are in the list. */
	ret = kp_record_open(kp_tasks_count());
	if (ret)
		return ret;
	tasks = kp_tasks_get_all();
	if (!tasks) {
		ret = -ENOMEM;
		goto out;
	}
	ret = kp_stop_rounds(sw, tasks);
	for (i = 0; i < tasks->nr; i++)
		kp_task_unwatch(tasks->task[i]);
out:
	kp_record_close();
	kp_tasks_put(tasks);
	return ret;
}

static int kp_stop_begin(struct kp_switch *sw)
{
	int ret = kp_tasks_listen(&kp_stop_events);

	if (!ret)
		atomic_set(&kp_stop_state, sw->target ? 0 : KP_STOP_APPLIED);
	return ret;
}

static int kp_stop_reverse(struct kp_switch *sw)
{
	/* The next try finds everybody where they are to be. */
	return 0;
}

static int kp_stop_force(struct kp_switch *sw)
{
	int round, ret = -EINPROGRESS;

	if (kp_stop_is_there(sw))
		return 1;
	/* NMIs spoil it once in a while. */
	for (round = 0; round < KP_STOP_ROUNDS && ret == -EINPROGRESS; round++)
		ret = kp_stop_and_switch(sw, NULL);
	return ret == -EINPROGRESS ? -EBUSY : ret;
}

static void kp_stop_end(struct kp_switch *sw)
{
	kp_tasks_ignore();
}

const struct kp_switch_ops kp_switch_stop = {
	.name = "stop",
	.applied = kp_stop_applied,
	.begin = kp_stop_begin,
	.try = kp_stop_try,
	.reverse = kp_stop_reverse,
	.force = kp_stop_force,
	.end = kp_stop_end,
	.max_tries = &kp_stop_tries,
};
