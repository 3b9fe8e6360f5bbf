// SPDX-License-Identifier: GPL-2.0
/*
 * All tasks, and what happens to them.
 *
 * The hard question is whether a task that was found asleep has stayed asleep
 * while its stack was looked at.  The kernel's answer is the runqueue lock,
 * which modules cannot take.  Ours is a bit, WATCH:
 *
 *	who looks				the task's CPU
 *
 *	sets WATCH, smp_mb()			rq->curr = task
 *	task_curr()? on_cpu?  then give up	sched_switch: clears WATCH
 *	looks at the stack			on_cpu = 1, runs
 *	is WATCH still set?			rq->curr = another
 *						sched_switch: clears WATCH
 *						on_cpu = 0 (release)
 *
 * sched_switch clears the bit of the task that comes and of the one that goes.
 * If WATCH was set before the task's CPU cleared it, the look is void.  If it
 * was set after that, then rq->curr was written before the clearing that the
 * setting has seen (both are atomic read-modify-writes of one word), so that
 * task_curr() says true; or the task is on its way out, and on_cpu is 1 until
 * it is really gone.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#include <asm/irq_regs.h>

#include "arch/x86.h"
#include "compat.h"
#include "compat/trace.h"
#include "fault.h"
#include "stack.h"
#include "symbol.h"
#include "tasks.h"

static const struct kp_task_events *kp_events;

/*
 * Probes stay with the scheduler for a moment after they have become idle: who
 * comes back before RCU has seen them go would have to wait for that.  The flag
 * is the work's, or that of whoever has cancelled it.
 */
#define KP_UNLISTEN_DELAY	HZ
static void kp_unlisten_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(kp_unlisten_work, kp_unlisten_fn);
static bool kp_listening;

static DEFINE_PER_CPU(struct hrtimer, kp_catch_timer);

/*
 * How often a CPU's task is interrupted in one go, and how far apart.  One that
 * does little but call patched functions is seldom outside of them; and where
 * the kernel is preemptible its CPU is taken from it inside, where handlers let
 * preemption happen again.
 */
#define KP_CATCH_SHOTS	50
#define KP_CATCH_NS	40000
static DEFINE_PER_CPU(unsigned int, kp_catch_shots);
static struct kp_frames __percpu *kp_catch_frames;

static kp_tasklist_lock_t *tasklist_lock_ptr;
DEFINE_KP_UNEXPORTED(int, task_curr, (const struct task_struct *task));
DEFINE_KP_UNEXPORTED(struct task_struct *, idle_task, (int cpu));
DEFINE_KP_UNEXPORTED(int, wake_up_state,
		     (struct task_struct *task, unsigned int state));
DEFINE_KP_UNEXPORTED(int, task_call_func,
		     (struct task_struct *task,
		      int (*fn)(struct task_struct *task, void *arg),
		      void *arg));

static void kp_sched_switch(KP_SCHED_SWITCH_ARGS)
{
	const struct kp_task_events *events = READ_ONCE(kp_events);
	bool prev_watched, next_watched;

	/* See the head of this file. */
	prev_watched = test_and_clear_tsk_thread_flag(prev, KP_TIF_WATCH);
	next_watched = test_and_clear_tsk_thread_flag(next, KP_TIF_WATCH);
	if (events && events->switching)
		events->switching(prev, prev_watched, next, next_watched);
}

/*
 * In the parent, before @task runs for the first time and after it has been put
 * on the task list.  sched_process_fork would not do: the kernel makes workers
 * of io_uring and vhost without it.
 */
static void kp_task_newtask(KP_TASK_NEWTASK_ARGS)
{
	const struct kp_task_events *events;
	unsigned long flags;

	/* As everywhere else: for kp_tasks_sync(). */
	local_irq_save(flags);
	events = READ_ONCE(kp_events);
	if (events && events->forked)
		events->forked(task);
	local_irq_restore(flags);
}

static int kp_listen(const char *name, void *probe)
{
	if (kp_fault())
		return -ENOMEM;
	return kp_listening ? 0 : kp_tracepoint_register(name, probe);
}

static void kp_unlisten_fn(struct work_struct *work)
{
	kp_tracepoint_unregister("sched_switch", kp_sched_switch);
	kp_tracepoint_unregister("task_newtask", kp_task_newtask);
	kp_listening = false;
}

int kp_tasks_listen(const struct kp_task_events *events)
{
	int ret;

	cancel_delayed_work_sync(&kp_unlisten_work);
	WRITE_ONCE(kp_events, events);
	ret = kp_listen("task_newtask", kp_task_newtask);
	if (ret)
		goto out;
	ret = kp_listen("sched_switch", kp_sched_switch);
	if (ret)
		goto out_fork;
	kp_listening = true;
	return 0;

out_fork:
	if (!kp_listening)
		kp_tracepoint_unregister("task_newtask", kp_task_newtask);
out:
	WRITE_ONCE(kp_events, NULL);
	kp_tasks_sync();
	if (kp_listening)
		queue_delayed_work(system_percpu_wq, &kp_unlisten_work,
				   KP_UNLISTEN_DELAY);
	pr_err("cannot watch the scheduler (%d)\n", ret);
	return ret;
}

void kp_tasks_ignore(void)
{
	int cpu;

	WRITE_ONCE(kp_events, NULL);
	queue_delayed_work(system_percpu_wq, &kp_unlisten_work,
			   KP_UNLISTEN_DELAY);
	/* An interrupt that is to start a timer comes before that timer's end. */
	kp_tasks_sync();
	kp_visits_cancel();
	for_each_possible_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&kp_catch_timer, cpu));
}

static void kp_nothing(void *data)
{
}

/*
 * All reports are made with interrupts off, so an interrupt on each CPU waits for
 * them, and for earlier ones of kp_tasks_catch(); a grace period takes much longer.
 */
void kp_tasks_sync(void)
{
	on_each_cpu(kp_nothing, NULL, 1);
}

struct kp_task_list *kp_tasks_alloc(unsigned int max)
{
	struct kp_task_list *list;

	if (kp_fault())
		return NULL;
	list = kvzalloc(sizeof(*list) + max * sizeof(list->task[0]),
			GFP_KERNEL);
	if (list)
		list->max = max;
	return list;
}

void kp_tasks_put(struct kp_task_list *list)
{
	unsigned int i;

	if (!list)
		return;
	for (i = 0; i < list->nr; i++) {
		put_task_struct(list->task[i]);
		if (i % 256 == 255)
			cond_resched();
	}
	kvfree(list);
}

unsigned int kp_tasks_count(void)
{
	struct task_struct *p;
	unsigned int nr = 0;

	rcu_read_lock();
	for_each_process(p)
		nr += get_nr_threads(p);
	rcu_read_unlock();
	return nr;
}

/* False: there are more than fit. */
static bool kp_tasks_fill(struct kp_task_list *list)
{
	struct task_struct *p, *t;
	bool fits = true;

	kp_tasklist_read_lock(tasklist_lock_ptr);
	kp_for_each_thread(p, t) {
		if (list->nr == list->max) {
			fits = false;
		} else {
			get_task_struct(t);
			list->task[list->nr++] = t;
		}
	}
	kp_end_for_each_thread(p, t);
	kp_tasklist_read_unlock(tasklist_lock_ptr);
	return fits;
}

struct kp_task_list *kp_tasks_get_all(void)
{
	struct kp_task_list *list;
	bool fits;

	do {
		unsigned int nr = kp_tasks_count();

		list = kp_tasks_alloc(nr + nr / 8 + 64);
		if (!list)
			return NULL;
		fits = kp_tasks_fill(list);
		if (!fits)
			kp_tasks_put(list);
	} while (!fits);
	return list;
}

void kp_tasks_for_each(void (*fn)(struct task_struct *task, void *data),
		       void *data)
{
	struct task_struct *p, *t;
	int cpu;

	kp_tasklist_read_lock(tasklist_lock_ptr);
	kp_for_each_thread(p, t) {
		fn(t, data);
	}
	kp_end_for_each_thread(p, t);
	kp_tasklist_read_unlock(tasklist_lock_ptr);

	for_each_possible_cpu(cpu) {
		t = kp_task_idle(cpu);
		if (t)
			fn(t, data);
	}
}

struct task_struct *kp_task_idle(int cpu)
{
	return kp_call(idle_task)(cpu);
}

bool kp_task_running(struct task_struct *task)
{
	return kp_call(task_curr)(task) || READ_ONCE(task->on_cpu);
}

void kp_task_unwatch(struct task_struct *task)
{
	clear_tsk_thread_flag(task, KP_TIF_WATCH);
}

/*
 * Calls @fn, which finds @task fixed: under locks of the scheduler that keep
 * those who want to wake it up waiting, and its CPU from taking it up.  Before
 * 5.16 nothing like that can be had, and nobody objects: a look at a task that
 * runs meanwhile is void.  But from 5.18 to 6.8 the unwinder warns when a task
 * that it meets a rethook of is not asleep (any more): kp_must_not_unwind().
 */
static int kp_task_fixed(struct task_struct *task,
			 int (*fn)(struct task_struct *task, void *arg),
			 void *arg)
{
	return kp_found(task_call_func) ?
		kp_call(task_call_func)(task, fn, arg) : fn(task, arg);
}

struct kp_look_at {
	const struct kp_ranges *ranges;
	struct kp_stack_hit *hit;
};

static int kp_look_fixed(struct task_struct *task, void *arg)
{
	struct kp_look_at *at = arg;

	return kp_task_running(task) ||
	       kp_stack_busy(task, at->ranges, at->hit);
}

/* Most stacks hold no word of interest, and cost nobody a lock. */
static bool kp_task_busy(struct task_struct *task,
			 const struct kp_ranges *ranges,
			 struct kp_stack_hit *hit)
{
	struct kp_look_at at = { .ranges = ranges, .hit = hit };

	return kp_stack_raw(task, ranges, 0, hit) &&
	       kp_task_fixed(task, kp_look_fixed, &at);
}

enum kp_look kp_task_look(struct task_struct *task,
			  const struct kp_ranges *ranges,
			  struct kp_stack_hit *hit)
{
	bool busy;

	set_tsk_thread_flag(task, KP_TIF_WATCH);
	/* Pairs with the clearing in kp_sched_switch(): head of this file. */
	smp_mb__after_atomic();
	if (kp_task_running(task)) {
		kp_task_unwatch(task);
		return KP_LOOK_RUNNING;
	}
	/*
	 * Pairs with the release of on_cpu in the scheduler's finish_task():
	 * what the task left on its stack, and its stack pointer, are there.
	 */
	smp_rmb();
	busy = kp_task_busy(task, ranges, hit);
	if (busy)
		kp_task_unwatch(task);
	return busy ? KP_LOOK_BUSY : KP_LOOK_CLEAR;
}

struct kp_trace_to {
	unsigned long *entries;
	unsigned int max;
};

static int kp_trace_fixed(struct task_struct *task, void *arg)
{
	struct kp_trace_to *to = arg;

	if (task != current && kp_task_running(task))
		return 0;
	return kp_stack_trace(task, to->entries, to->max);
}

unsigned int kp_task_trace(struct task_struct *task, unsigned long *entries,
			   unsigned int max)
{
	struct kp_trace_to to = { .entries = entries, .max = max };

	return task == current ? kp_trace_fixed(task, &to) :
				 kp_task_fixed(task, kp_trace_fixed, &to);
}

bool kp_task_side(struct task_struct *task)
{
	return test_tsk_thread_flag(task, KP_TIF_SIDE);
}

void kp_task_set_side(struct task_struct *task, bool side)
{
	if (side)
		set_tsk_thread_flag(task, KP_TIF_SIDE);
	else
		clear_tsk_thread_flag(task, KP_TIF_SIDE);
}

bool kp_task_set_side_watched(struct task_struct *task, bool side)
{
	typeof(&task_thread_info(task)->flags) flags =
		&task_thread_info(task)->flags;
	typeof(task_thread_info(task)->flags) old, new, seen;

	for (old = READ_ONCE(*flags); ; old = seen) {
		if (!(old & (1UL << KP_TIF_WATCH)))
			return false;
		new = old & ~((1UL << KP_TIF_WATCH) | (1UL << KP_TIF_SIDE));
		if (side)
			new |= 1UL << KP_TIF_SIDE;
		seen = cmpxchg(flags, old, new);
		if (seen == old)
			return true;
	}
}

/* True if that is what this CPU was to be interrupted for. */
static bool kp_caught_here(void)
{
	const struct kp_task_events *events = READ_ONCE(kp_events);
	unsigned long regs = (unsigned long)get_irq_regs();
	unsigned long stack = (unsigned long)task_stack_page(current);

	if (!events || !events->caught)
		return true;
	/*
	 * The registers of what was interrupted, the ip among them, lie on top
	 * of its stack.  If that is not the task's, but one that the CPU has
	 * for interrupts, nothing can be said.
	 */
	if (hardirq_count() && regs >= stack && regs < stack + THREAD_SIZE)
		return events->caught(current, regs,
				      this_cpu_ptr(kp_catch_frames));
	return false;
}

static enum hrtimer_restart kp_caught(struct hrtimer *timer)
{
	unsigned int left = __this_cpu_read(kp_catch_shots);

	if (!left || kp_caught_here())
		return HRTIMER_NORESTART;
	__this_cpu_write(kp_catch_shots, left - 1);
	/* Not in step with whatever the task does. */
	hrtimer_forward_now(timer, ns_to_ktime(KP_CATCH_NS + 1000 * left));
	return HRTIMER_RESTART;
}

/*
 * A function call interrupt does not say what it has interrupted, a timer's
 * does, on all kernels.
 */
static void kp_catch_here(void *data)
{
	__this_cpu_write(kp_catch_shots, KP_CATCH_SHOTS);
	hrtimer_start(this_cpu_ptr(&kp_catch_timer), ns_to_ktime(KP_CATCH_NS),
		      KP_HRTIMER_MODE);
}

void kp_tasks_catch(const struct cpumask *cpus)
{
	on_each_cpu_mask(cpus, kp_catch_here, NULL, 0);
}

void kp_tasks_visited(struct kp_frames *frames)
{
	const struct kp_task_events *events = READ_ONCE(kp_events);

	if (events && events->visited)
		events->visited(current, frames);
}

void kp_task_nudge(struct task_struct *task)
{
	if (!(task->flags & PF_KTHREAD))
		kp_task_signal(task);
	else if (kp_found(wake_up_state))
		kp_call(wake_up_state)(task, TASK_INTERRUPTIBLE);
}

int kp_tasks_init(void)
{
	int cpu;

	tasklist_lock_ptr = (void *)kp_symbol_lookup("tasklist_lock");
	kp_find(wake_up_state);
	kp_visits_init();
	if (!tasklist_lock_ptr || !kp_find(task_curr) || !kp_find(idle_task)) {
		pr_err("cannot find %s\n", !tasklist_lock_ptr ?
		       "tasklist_lock" : !kp_found(task_curr) ? "task_curr" :
		       "idle_task");
		return -ENXIO;
	}
	if (!kp_find(task_call_func) && kp_stack_has_rethooks()) {
		pr_err("cannot find task_call_func\n");
		return -ENXIO;
	}
	kp_catch_frames = alloc_percpu(struct kp_frames);
	if (!kp_catch_frames)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		hrtimer_setup(per_cpu_ptr(&kp_catch_timer, cpu), kp_caught,
			      CLOCK_MONOTONIC, KP_HRTIMER_MODE);
	return 0;
}

void kp_tasks_exit(void)
{
	int cpu;

	kp_visits_exit();
	if (cancel_delayed_work_sync(&kp_unlisten_work))
		kp_unlisten_fn(NULL);
	/* Probes may have been entered that have nothing to report any more. */
	tracepoint_synchronize_unregister();
	for_each_possible_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&kp_catch_timer, cpu));
	free_percpu(kp_catch_frames);
}
