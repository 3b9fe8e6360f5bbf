// SPDX-License-Identifier: GPL-2.0
/*
 * Moves callers from one set of functions to another.
 *
 * How that is done, and at what price, is the models' business (switch_*.c).
 * This file tries again until everybody has moved, gives up after a while, and
 * tells who was in the way.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "compat.h"
#include "switch.h"
#include "tasks.h"

static unsigned int kp_timeout_ms = 15000;
module_param_named(timeout_ms, kp_timeout_ms, uint, 0644);
MODULE_PARM_DESC(timeout_ms, "give a switch up after so many milliseconds");

void kp_switch_blocked_by(struct kp_switch *sw, struct task_struct *task,
			  const struct kp_stack_hit *hit, bool trace)
{
	struct kp_blocker *b;

	if (sw->nr_blockers++ >= KP_MAX_BLOCKERS)
		return;
	b = &sw->blockers[sw->nr_blockers - 1];
	b->pid = task->pid;
	memcpy(b->comm, task->comm, sizeof(b->comm));
	b->comm[sizeof(b->comm) - 1] = '\0';
	b->hit = *hit;
	b->nr_frames = trace ? kp_task_trace(task, b->frames,
					     KP_BLOCKER_FRAMES) : 0;
}

static void kp_switch_report(const struct kp_switch *sw)
{
	unsigned int i, k;

	for (i = 0; i < sw->nr_blockers && i < KP_MAX_BLOCKERS; i++) {
		const struct kp_blocker *b = &sw->blockers[i];

		pr_err("%s (pid %d) is inside %s:\n", b->comm, b->pid,
		       b->hit.name);
		for (k = 0; k < b->nr_frames; k++)
			pr_err("  %pB\n", (void *)b->frames[k]);
		if (!b->nr_frames && b->hit.addr)
			pr_err("  %pB\n", (void *)b->hit.addr);
	}
	if (sw->nr_blockers > KP_MAX_BLOCKERS)
		pr_err("... and %u more tasks\n",
		       sw->nr_blockers - KP_MAX_BLOCKERS);
}

static void kp_switch_settled(struct kp_switch *sw)
{
	sw->running = false;
	sw->reached = true;
	/* Their names are the patch's, which may go unless it was forced. */
	if (!sw->forced)
		sw->nr_blockers = 0;
	sw->settled(sw);
}

/* Half of the time that has passed, so that few tries are made in long waits. */
static unsigned long kp_switch_pause(const struct kp_switch *sw)
{
	s64 ms = ktime_to_ms(ktime_sub(ktime_get(), sw->start)) / 2;

	return msecs_to_jiffies(clamp_t(s64, ms, 2, 500));
}

/* Is it on its way back? */
static bool kp_switch_is_turned(const struct kp_switch *sw)
{
	return sw->target != sw->origin;
}

/* There is always time for the way back: nothing else is left. */
static bool kp_switch_is_late(const struct kp_switch *sw)
{
	if (sw->patient || kp_switch_is_turned(sw))
		return false;
	if (sw->ops->max_tries && sw->tries >= READ_ONCE(*sw->ops->max_tries))
		return true;
	return ktime_to_ms(ktime_sub(ktime_get(), sw->start)) >=
	       READ_ONCE(kp_timeout_ms);
}

/* One try, and what follows from it; true if there is to be another one. */
static bool kp_switch_step(struct kp_switch *sw)
{
	int ret;

	sw->tries++;
	sw->nr_blockers = 0;
	ret = sw->ops->try(sw);
	if (!ret) {
		kp_switch_settled(sw);
		return false;
	}
	if (ret != -EAGAIN && !kp_switch_is_turned(sw)) {
		kp_switch_report(sw);
		kp_switch_reverse(sw, ret);
	} else if (kp_switch_is_late(sw)) {
		kp_switch_report(sw);
		kp_switch_reverse(sw, -EBUSY);
	}
	return true;
}

static void kp_switch_work(struct work_struct *work)
{
	struct kp_switch *sw = container_of(work, struct kp_switch, work.work);

	mutex_lock(sw->lock);
	if (sw->running && kp_switch_step(sw))
		queue_delayed_work(system_percpu_wq, &sw->work,
				   kp_switch_pause(sw));
	mutex_unlock(sw->lock);
}

void kp_switch_init(struct kp_switch *sw)
{
	INIT_DELAYED_WORK(&sw->work, kp_switch_work);
}

int kp_switch_begin(struct kp_switch *sw)
{
	int ret;

	lockdep_assert_held(sw->lock);
	sw->reached = false;
	sw->error = 0;
	sw->tries = 0;
	sw->window_ns = 0;
	sw->nr_blockers = 0;
	sw->origin = sw->target;
	sw->forced = false;
	sw->nudged = false;
	sw->start = ktime_get();
	ret = sw->ops->begin(sw);
	if (!ret)
		kp_redirect_begin(sw->ops->applied);
	return ret;
}

int kp_switch_add_site(struct kp_switch *sw, unsigned long addr)
{
	return sw->ops->add_site ? sw->ops->add_site(sw, addr) : 0;
}

void kp_switch_del_site(struct kp_switch *sw, unsigned long addr)
{
	if (sw->ops->del_site)
		sw->ops->del_site(sw, addr);
}

void kp_switch_go(struct kp_switch *sw)
{
	lockdep_assert_held(sw->lock);
	kp_redirect_go();
	sw->running = true;
	if (kp_switch_step(sw))
		queue_delayed_work(system_percpu_wq, &sw->work,
				   kp_switch_pause(sw));
}

void kp_switch_end(struct kp_switch *sw)
{
	lockdep_assert_held(sw->lock);
	kp_redirect_end();
	sw->ops->end(sw);
	kp_redirect_settle();
	kp_ranges_free(sw->leave[0]);
	kp_ranges_free(sw->leave[1]);
	sw->leave[0] = NULL;
	sw->leave[1] = NULL;
}

void kp_switch_set_leave(struct kp_switch *sw, struct kp_ranges *off,
			 struct kp_ranges *on)
{
	struct kp_ranges *old_off = sw->leave[0], *old_on = sw->leave[1];

	WRITE_ONCE(sw->leave[0], off);
	WRITE_ONCE(sw->leave[1], on);
	if (sw->running)
		kp_tasks_sync();
	kp_ranges_free(old_off);
	kp_ranges_free(old_on);
}

int kp_switch_reverse(struct kp_switch *sw, int error)
{
	int ret;

	lockdep_assert_held(sw->lock);
	ret = sw->ops->reverse(sw);
	if (!ret) {
		sw->error = error;
		sw->target = !sw->target;
		sw->nudged = false;
		sw->start = ktime_get();
		sw->turned(sw);
	}
	mod_delayed_work(system_percpu_wq, &sw->work, 0);
	return ret ? -EBUSY : 0;
}

int kp_switch_force(struct kp_switch *sw)
{
	int ret;

	lockdep_assert_held(sw->lock);
	if (!sw->running)
		return -EINVAL;
	ret = sw->ops->force(sw);
	if (ret < 0)
		return ret;
	sw->forced = !ret;
	kp_switch_settled(sw);
	return 0;
}

void kp_switch_fini(struct kp_switch *sw)
{
	cancel_delayed_work_sync(&sw->work);
}
