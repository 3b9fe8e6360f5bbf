// SPDX-License-Identifier: GPL-2.0
/*
 * Meets user tasks where they leave the kernel.
 *
 * A task that is always busy in the kernel or in user mode is seldom seen with
 * a clear stack.  Work for the task runs where it returns to user mode, which
 * disturbs nobody.
 *
 * A task that sleeps in a patched function comes out of it by a fake signal,
 * but the system call is restarted at once and sleeps there again, and at no
 * context switch in between is its stack clear.  There such work comes with the signal.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>

#include "compat.h"
#include "fault.h"
#include "stack.h"
#include "symbol.h"
#include "tasks.h"

/* As work of @task, on which it has a reference. */
struct kp_visit {
	struct callback_head work;
	struct list_head node;
	struct task_struct *task;
	struct kp_frames frames;
};

/* Those that have not taken place yet: at most one a task, and not too many. */
#define KP_MAX_VISITS	256
static LIST_HEAD(kp_visits);
static unsigned int kp_visits_nr;
static DEFINE_SPINLOCK(kp_visits_lock);

DEFINE_KP_UNEXPORTED(int, task_work_add,
		     (struct task_struct *task, struct callback_head *work,
		      int notify));
DEFINE_KP_UNEXPORTED(struct callback_head *, task_work_cancel,
		     (struct task_struct *task,
		      void (*func)(struct callback_head *work)));
DEFINE_KP_UNEXPORTED(void, wait_rcu_tasks, (void));
DEFINE_KP_UNEXPORTED(void, signal_wake_up_state,
		     (struct task_struct *task, unsigned int state));

static void kp_visit_end(struct kp_visit *visit)
{
	struct task_struct *task = visit->task;

	spin_lock(&kp_visits_lock);
	list_del(&visit->node);
	kp_visits_nr--;
	spin_unlock(&kp_visits_lock);
	kfree(visit);
	put_task_struct(task);
}

/* In the task. */
static void kp_visited(struct callback_head *work)
{
	struct kp_visit *visit = container_of(work, struct kp_visit, work);
	unsigned long flags;

	local_irq_save(flags);
	kp_tasks_visited(&visit->frames);
	local_irq_restore(flags);
	kp_visit_end(visit);
}

static bool kp_visit_is_due(struct kp_visit *visit)
{
	struct kp_visit *other;
	bool due;

	spin_lock(&kp_visits_lock);
	due = kp_visits_nr < KP_MAX_VISITS;
	list_for_each_entry(other, &kp_visits, node)
		if (other->task == visit->task)
			due = false;
	if (due) {
		list_add(&visit->node, &kp_visits);
		kp_visits_nr++;
	}
	spin_unlock(&kp_visits_lock);
	return due;
}

static void kp_fake_signal(struct task_struct *task)
{
	struct sighand_struct *sighand;

	/* Sets TIF_SIGPENDING: system calls return and are restarted. */
	rcu_read_lock();
	sighand = rcu_dereference_raw(task->sighand);
	if (sighand && kp_found(signal_wake_up_state)) {
		spin_lock_irq(&sighand->siglock);
		if (rcu_access_pointer(task->sighand) == sighand)
			kp_call(signal_wake_up_state)(task, 0);
		spin_unlock_irq(&sighand->siglock);
	}
	rcu_read_unlock();
}

static bool kp_visit_add(struct task_struct *task, int notify)
{
	struct kp_visit *visit;

	if (!kp_found(task_work_add) || !kp_found(task_work_cancel) ||
	    kp_fault())
		return false;
	visit = kmalloc(sizeof(*visit), GFP_KERNEL);
	if (!visit)
		return false;
	visit->task = task;
	init_task_work(&visit->work, kp_visited);
	if (!kp_visit_is_due(visit)) {
		kfree(visit);
		return false;
	}
	get_task_struct(task);
	if (!kp_call(task_work_add)(task, &visit->work, notify))
		return true;
	kp_visit_end(visit);
	return false;
}

void kp_task_await(struct task_struct *task)
{
	if (!(task->flags & PF_KTHREAD))
		kp_visit_add(task, KP_TWA_RESUME);
}

void kp_task_signal(struct task_struct *task)
{
	/* A visit that is under way, or cannot signal, comes to pass by this. */
	if (!kp_visit_add(task, KP_TWA_SIGNAL) || !KP_HAVE_TWA_SIGNAL)
		kp_fake_signal(task);
}

/* The @nth visit's task, with a reference, or NULL. */
static struct task_struct *kp_visits_nth(unsigned int nth)
{
	struct task_struct *task = NULL;
	struct kp_visit *visit;

	spin_lock(&kp_visits_lock);
	list_for_each_entry(visit, &kp_visits, node)
		if (!nth--) {
			task = visit->task;
			get_task_struct(task);
			break;
		}
	spin_unlock(&kp_visits_lock);
	return task;
}

void kp_visits_cancel(void)
{
	struct callback_head *work;
	struct task_struct *task;
	unsigned int left = 0;

	while ((task = kp_visits_nth(left))) {
		work = kp_call(task_work_cancel)(task, kp_visited);
		if (work)
			kp_visit_end(container_of(work, struct kp_visit, work));
		else
			left++;
		put_task_struct(task);
	}
}

void kp_visits_exit(void)
{
	kp_visits_cancel();
	/* When one ends meanwhile, the search misses the one behind it. */
	while (READ_ONCE(kp_visits_nr)) {
		msleep(20);
		kp_visits_cancel();
	}
	/* Visitors may still be on their way out of kp_visited(). */
	if (kp_found(wait_rcu_tasks))
		kp_call(wait_rcu_tasks)();
}

void kp_visits_init(void)
{
	kp_find(task_work_add);
	/* Missing where tasks are not preempted in the kernel, or before 3.18. */
	kp_find_as(wait_rcu_tasks, "synchronize_rcu_tasks");
	kp_find(signal_wake_up_state);
	/* Since 6.11 the old name is another function's. */
	if (!kp_find_as(task_work_cancel, "task_work_cancel_func"))
		kp_find(task_work_cancel);
}
