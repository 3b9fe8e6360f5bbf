/* SPDX-License-Identifier: GPL-2.0 */
/* Catches calls that get past the redirection. */
#ifndef _KP_RESCUE_H
#define _KP_RESCUE_H

#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/types.h>

struct pt_regs;

/**
 * struct kp_rescue - a guard behind the call site of one patched function
 * @where:	where a call that has come so far shall go instead, or 0: on.
 *		Called in any context, preemption off; @regs are the caller's,
 *		with the stack pointer at the return address.
 */
struct kp_rescue {
	unsigned long (*where)(struct kp_rescue *rescue, struct pt_regs *regs);

	/* private: */
	struct kprobe probe;
	unsigned long addr;
	unsigned long missed;
	bool there;
	bool armed;
	struct list_head node;
};

/* What kp_rescue_count() says, of all guards. */
struct kp_rescue_counts {
	unsigned int guarded;	/* functions that have a guard on duty */
	unsigned int unguarded;	/* functions that need one and have none */
	unsigned long rescued;	/* calls that were sent on, since loading */
	unsigned long missed;	/* calls that ran the old code */
	unsigned int unwatched;	/* times that calls may have done so, unseen */
};

/*
 * Puts a guard, off duty, into the function at @addr.  An error says that this
 * function can have none.  kp_rescue_del() must follow in either case.
 */
int kp_rescue_add(struct kp_rescue *rescue, unsigned long addr);

/* On duty and off; nothing happens where there is no guard.  May sleep. */
void kp_rescue_arm(struct kp_rescue *rescue, bool on);

/*
 * Takes guards out; those that were never added, or that are out already, are
 * left alone.  @rescue must stay until kp_rescue_flush().
 */
void kp_rescue_del(struct kp_rescue *rescue);
void kp_rescue_flush(void);

/* Has kp_rescue_add() been called?  Is there a guard, and is it on duty? */
static inline bool kp_rescue_added(const struct kp_rescue *rescue)
{
	return rescue->addr;
}

static inline bool kp_rescue_is_there(const struct kp_rescue *rescue)
{
	return rescue->there;
}

static inline bool kp_rescue_is_armed(const struct kp_rescue *rescue)
{
	return rescue->armed;
}

/* All but @unguarded and @unwatched, of which more is known elsewhere. */
void kp_rescue_count(struct kp_rescue_counts *counts);
/* Tells the log what has happened since the last time. */
void kp_rescue_report(void);

int kp_rescue_init(void);

#endif /* _KP_RESCUE_H */
