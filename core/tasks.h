/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All tasks, and what happens to them: the only user of the task list, of the
 * scheduler's tracepoints and of bits in task_struct.
 */
#ifndef _KP_TASKS_H
#define _KP_TASKS_H

#include <linux/cpumask.h>
#include <linux/types.h>

struct kp_frames;
struct kp_ranges;
struct kp_stack_hit;
struct task_struct;

/**
 * struct kp_task_events - what kp_tasks_listen() reports
 * @switching:	@prev leaves the CPU and @next is about to run; runqueue lock
 *		held, interrupts off.  @prev's side and stack, and @next's, are
 *		this CPU's to change and to look at.  The bool says whether the
 *		task had been watched until now.
 * @forked:	@child was made by current and has not run
 * @caught:	kp_tasks_catch() has interrupted the current task of this CPU,
 *		which has nothing of interest on its stack below @sp; hard
 *		interrupt; false: do that again soon
 * @visited:	current was nudged and is where it deals with signals; interrupts
 *		off
 *
 * @frames is room for the unwinder.
 */
struct kp_task_events {
	void (*switching)(struct task_struct *prev, bool prev_watched,
			  struct task_struct *next, bool next_watched);
	void (*forked)(struct task_struct *child);
	bool (*caught)(struct task_struct *task, unsigned long sp,
		       struct kp_frames *frames);
	void (*visited)(struct task_struct *task, struct kp_frames *frames);
};

/* Reports from now on, or not any more (and none is under way). One listener. */
int kp_tasks_listen(const struct kp_task_events *events);
void kp_tasks_ignore(void);
/* Waits for reports that are under way. */
void kp_tasks_sync(void);

/* A list of tasks, with a reference on each. */
struct kp_task_list {
	unsigned int nr;
	unsigned int max;
	struct task_struct *task[];
};

/* How many threads there are, about. */
unsigned int kp_tasks_count(void);
/* All threads of the system, less idle tasks, or NULL (no memory). */
struct kp_task_list *kp_tasks_get_all(void);
struct kp_task_list *kp_tasks_alloc(unsigned int max);
void kp_tasks_put(struct kp_task_list *list);
/* The idle task of @cpu, or NULL if the CPU never ran. */
struct task_struct *kp_task_idle(int cpu);

/* Calls @fn for every thread and for idle tasks, under the task list's lock. */
void kp_tasks_for_each(void (*fn)(struct task_struct *task, void *data),
		       void *data);

/*
 * Is this task inside one of @ranges?  RUNNING: cannot be told, it has a CPU.
 * CLEAR leaves the task watched: kp_task_watched() tells whether it has got a
 * CPU since.  Sleeps never; not under a lock that the scheduler takes.
 */
enum kp_look { KP_LOOK_CLEAR, KP_LOOK_BUSY, KP_LOOK_RUNNING };

enum kp_look kp_task_look(struct task_struct *task,
			  const struct kp_ranges *ranges,
			  struct kp_stack_hit *hit);
bool kp_task_running(struct task_struct *task);
void kp_task_unwatch(struct task_struct *task);

/*
 * kp_stack_trace() of current, or of a task that sleeps; 0 if it has a CPU by
 * now.  Sleeps never; not under a lock that the scheduler takes.
 */
unsigned int kp_task_trace(struct task_struct *task, unsigned long *entries,
			   unsigned int max);

/*
 * The side of a task: a bit that belongs to the model in charge.  It is
 * changed on the task's CPU, or with kp_task_set_side_watched(), which fails
 * if the task has got a CPU since kp_task_look() found it clear.
 */
bool kp_task_side(struct task_struct *task);
void kp_task_set_side(struct task_struct *task, bool side);
bool kp_task_set_side_watched(struct task_struct *task, bool side);

/* Has @caught reported soon for what runs on these CPUs.  Does not wait. */
void kp_tasks_catch(const struct cpumask *cpus);

/*
 * Makes an interruptible sleeper come out of its sleep; a user task is reported
 * by @visited then.  May sleep.
 */
void kp_task_nudge(struct task_struct *task);

/*
 * Has a user task reported by @visited when it returns to user mode, without
 * disturbing it.  May sleep.
 */
void kp_task_await(struct task_struct *task);

/* Between tasks.c and tasks_visit.c. */
void kp_task_signal(struct task_struct *task);
/*
 * Visits that have not begun do not take place.  Others still do, whenever their
 * tasks get there, after works of theirs that may sleep for long.
 */
void kp_visits_cancel(void);
/* Waits for those. */
void kp_visits_exit(void);
void kp_tasks_visited(struct kp_frames *frames);
void kp_visits_init(void);

int kp_tasks_init(void);
void kp_tasks_exit(void);

#endif /* _KP_TASKS_H */
