/* SPDX-License-Identifier: GPL-2.0 */
/* Moves callers from one set of functions to another, by one of three models. */
#ifndef _KP_SWITCH_H
#define _KP_SWITCH_H

#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "redirect.h"
#include "stack.h"

struct kp_switch;

/**
 * struct kp_switch_ops - a model
 * @name:	as users write it
 * @unusable:	NULL, or says why this kernel cannot do it
 * @applied:	for the handler: do hooks in transition apply to this caller?
 * @begin:	get ready; from its return on, until the first @try, @applied
 *		says no to everybody if the target is yes, and the other way
 *		round.  May fail.
 * @add_site:	calls of the function at this address are about to be affected,
 *		before @try.  May be NULL, may fail.
 * @del_site:	... not any more: its module goes
 * @try:	try to bring everybody to the target.  0: done, @applied says
 *		the same to all.  -EAGAIN: later.  Other errors: never.
 * @reverse:	the target is about to change to its opposite: move nobody until
 *		the next @try.  An error: it is too late, everybody is there, as
 *		the next @try will tell.
 * @force:	bring everybody there no matter where they are; 1: they are
 * @end:	undo @begin; no hook is in transition any more
 * @max_tries:	give up after so many tries; NULL: time is the only limit
 *
 * All but @applied may sleep and run under the switch's lock.
 */
struct kp_switch_ops {
	const char *name;
	const char *(*unusable)(void);
	kp_applied_t applied;
	int (*begin)(struct kp_switch *sw);
	int (*add_site)(struct kp_switch *sw, unsigned long addr);
	void (*del_site)(struct kp_switch *sw, unsigned long addr);
	int (*try)(struct kp_switch *sw);
	int (*reverse)(struct kp_switch *sw);
	int (*force)(struct kp_switch *sw);
	void (*end)(struct kp_switch *sw);
	unsigned int *max_tries;
};

extern const struct kp_switch_ops kp_switch_stop;
extern const struct kp_switch_ops kp_switch_refcount;
extern const struct kp_switch_ops kp_switch_task;

#define KP_MAX_BLOCKERS		8
#define KP_BLOCKER_FRAMES	16

/* A task that is in the way. */
struct kp_blocker {
	pid_t pid;
	char comm[TASK_COMM_LEN];
	struct kp_stack_hit hit;
	unsigned int nr_frames;
	unsigned long frames[KP_BLOCKER_FRAMES];
};

/**
 * struct kp_switch - a switch under way; one at a time
 * @lock:	the owner's lock, under which everything here happens
 * @ops:	the model
 * @target:	what hooks in transition shall be for everybody: applied or not
 * @patient:	goes on until it succeeds or is reversed
 * @leave:	leave[target] is the code that a caller must have left before it
 *		can go to that target
 * @settled:	called under @lock when everybody is at the target
 * @turned:	called under @lock when @target has become its opposite
 * @blocked:	told of each task that is in the way of a try, where @hit says,
 *		or on a CPU (no address there); by models that look at tasks
 *		while nobody is stopped; may be NULL
 * @nudging:	told when tasks in the way are about to be nudged for the first
 *		time on the way to a target; may be NULL
 *
 * Results, for models, messages and sysfs:
 * @reached:	everybody is at the target
 * @error:	why the switch was reversed, or 0
 * @tries:	how often it was tried
 * @window_ns:	how long CPUs were stopped, in the last try
 * @blockers:	who was in the way in the last try, @nr_blockers of them known
 */
struct kp_switch {
	struct mutex *lock;	/* guards all of this */
	const struct kp_switch_ops *ops;
	bool target;
	bool patient;
	struct kp_ranges *leave[2];
	void (*settled)(struct kp_switch *sw);
	void (*turned)(struct kp_switch *sw);
	void (*blocked)(struct kp_switch *sw, struct task_struct *task,
			const struct kp_stack_hit *hit);
	void (*nudging)(struct kp_switch *sw);

	bool reached;
	int error;
	unsigned int tries;
	u64 window_ns;
	unsigned int nr_blockers;
	struct kp_blocker blockers[KP_MAX_BLOCKERS];

	/* private: */
	bool running;
	bool origin;
	bool forced;
	bool nudged;
	ktime_t start;
	struct delayed_work work;
};

/**
 * struct kp_choice - what a patch has to say about its model
 * @patch:	its name, by which the user may have chosen for it
 * @wish:	the model that its author wants, or NULL
 * @at_once:	it needs that all callers switch at one instant
 */
struct kp_choice {
	const char *patch;
	const char *wish;
	bool at_once;
};

/*
 * The first of these that is there and not "auto": the user's choice for this
 * patch (parameter "models"), its author's, the user's for all patches
 * (parameter "model"); else the best for the users of such patches.  An unknown
 * or unusable model is an ERR_PTR, with a message.  May sleep.
 */
const struct kp_switch_ops *kp_model_pick(const struct kp_choice *choice);

/*
 * The life of a switch: kp_switch_init(); fill in the fields;
 * kp_switch_begin(); add hooks in transition, or set those that are there, and
 * kp_switch_add_site() for each; kp_switch_go().  Some time afterwards, even
 * before kp_switch_go() returns, @settled is called, which takes the hooks out
 * of transition and calls kp_switch_end().
 * If anything fails before kp_switch_go(): remove hooks, kp_switch_end().
 */
void kp_switch_init(struct kp_switch *sw);
int kp_switch_begin(struct kp_switch *sw);
int kp_switch_add_site(struct kp_switch *sw, unsigned long addr);
void kp_switch_del_site(struct kp_switch *sw, unsigned long addr);
void kp_switch_go(struct kp_switch *sw);
void kp_switch_end(struct kp_switch *sw);

/* New sets of ranges (owned by the switch from then on). */
void kp_switch_set_leave(struct kp_switch *sw, struct kp_ranges *off,
			 struct kp_ranges *on);

/*
 * Turns a running switch round; @error says why, or is 0 if the user wants it.
 * -EBUSY: too late, it will end where it was going.
 */
int kp_switch_reverse(struct kp_switch *sw, int error);

/* Ends a running switch wherever tasks are. */
int kp_switch_force(struct kp_switch *sw);

/* For models: @task is in the way.  Not while CPUs are stopped if @trace. */
void kp_switch_blocked_by(struct kp_switch *sw, struct task_struct *task,
			  const struct kp_stack_hit *hit, bool trace);

/* Must be called without the lock, before the switch's memory goes. */
void kp_switch_fini(struct kp_switch *sw);

#endif /* _KP_SWITCH_H */
