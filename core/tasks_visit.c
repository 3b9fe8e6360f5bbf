// SPDX-License-Identifier: GPL-2.0
/*
 * Gets user tasks out of their system calls.
 *
 * A task that sleeps in a patched function comes out of it by a fake signal,
 * but the system call is restarted at once and sleeps there again, and at no
 * context switch in between is its stack clear.  Work for the task runs where
 * signals are dealt with, outside of all that.
 */
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

/* As work of @task; each keeps this module. */
struct kp_visit {
	struct callback_head work;
	struct list_head node;
	struct task_struct *task;
	unsigned long frames[KP_MAX_FRAMES];
};

/* Those that have not taken place yet, at most one a task. */
static LIST_HEAD(kp_visits);
static DEFINE_SPINLOCK(kp_visits_lock);

static int (*task_work_add_fn)(struct task_struct *task,
			       struct callback_head *work, int notify);
static void (*signal_wake_up_state_fn)(struct task_struct *task,
				       unsigned int state);

static void kp_visit_end(struct kp_visit *visit)
{
	spin_lock(&kp_visits_lock);
	list_del(&visit->node);
	spin_unlock(&kp_visits_lock);
	kfree(visit);
	module_put(THIS_MODULE);
}

/* In the task. */
static void kp_visited(struct callback_head *work)
{
	struct kp_visit *visit = container_of(work, struct kp_visit, work);
	unsigned long flags;

	local_irq_save(flags);
	kp_tasks_visited(visit->frames);
	local_irq_restore(flags);
	kp_visit_end(visit);
}

static bool kp_visit_is_due(struct kp_visit *visit)
{
	struct kp_visit *other;
	bool due = true;

	spin_lock(&kp_visits_lock);
	list_for_each_entry(other, &kp_visits, node)
		if (other->task == visit->task)
			due = false;
	if (due)
		list_add(&visit->node, &kp_visits);
	spin_unlock(&kp_visits_lock);
	return due;
}

static void kp_fake_signal(struct task_struct *task)
{
	struct sighand_struct *sighand;

	/* Sets TIF_SIGPENDING: system calls return and are restarted. */
	rcu_read_lock();
	sighand = rcu_dereference_raw(task->sighand);
	if (sighand && signal_wake_up_state_fn) {
		spin_lock_irq(&sighand->siglock);
		if (rcu_access_pointer(task->sighand) == sighand)
			signal_wake_up_state_fn(task, 0);
		spin_unlock_irq(&sighand->siglock);
	}
	rcu_read_unlock();
}

static void kp_visit_add(struct task_struct *task)
{
	struct kp_visit *visit;

	visit = kp_fault() ? NULL : kzalloc(sizeof(*visit), GFP_KERNEL);
	if (!visit)
		return;
	visit->task = task;
	init_task_work(&visit->work, kp_visited);
	if (!kp_visit_is_due(visit)) {
		kfree(visit);
		return;
	}
	__module_get(THIS_MODULE);
	if (task_work_add_fn(task, &visit->work, KP_TWA_SIGNAL))
		kp_visit_end(visit);
}

void kp_task_visit(struct task_struct *task)
{
	if (task_work_add_fn)
		kp_visit_add(task);
	/* Where task work does not signal by itself, or was not added. */
	if (!KP_HAVE_TWA_SIGNAL || !task_work_add_fn)
		kp_fake_signal(task);
}

void kp_visits_init(void)
{
	task_work_add_fn = (void *)kp_symbol_lookup("task_work_add");
	signal_wake_up_state_fn =
		(void *)kp_symbol_lookup("signal_wake_up_state");
}
