/* SPDX-License-Identifier: GPL-2.0 */
/* Counts the calls that are inside of functions, for model refcount. */
#ifndef _KP_CALL_COUNT_H
#define _KP_CALL_COUNT_H

#include <linux/types.h>

/**
 * enum kp_call - what becomes of a call
 * @KP_CALL_OLD:	it goes where calls have gone, and is not counted
 * @KP_CALL_COUNTED:	so it does, and kp_count_leave() must follow its return
 * @KP_CALL_NEW:	it goes where calls shall go
 */
enum kp_call { KP_CALL_OLD, KP_CALL_COUNTED, KP_CALL_NEW };

/**
 * enum kp_count_phase - what becomes of all calls
 * @KP_COUNT_OFF:	they are old
 * @KP_COUNT_MARK:	so they are, but who sees them behaves as if they counted
 * @KP_COUNT_ON:	the counter decides
 * @KP_COUNT_FORCED:	they are new
 */
enum kp_count_phase {
	KP_COUNT_OFF,
	KP_COUNT_MARK,
	KP_COUNT_ON,
	KP_COUNT_FORCED,
};

/* In any context. */
enum kp_count_phase kp_count_phase(void);

/*
 * A call begins, one that was counted has returned: in any context, with
 * preemption off.
 */
enum kp_call kp_count_enter(void);
void kp_count_leave(void);

/* The level of interruption that this CPU is at. */
#define KP_COUNT_LEVELS	4
int kp_count_level(void);

/*
 * Nobody will see the return of a call that was counted at that level on this
 * CPU; preemption is off.
 */
void kp_count_missed(int level);
/* Has that happened to a call whose end nothing tells?  Zero is out of reach. */
bool kp_count_lost(void);

/*
 * The rest may be called under the switch's lock only.
 *
 * From kp_count_begin() on, the counter holds one that is nobody's call, and
 * nothing has been missed.
 * kp_count_release() takes that one away.  kp_count_hold() adds one, unless zero
 * has been reached: it is false then.
 */
void kp_count_begin(void);
void kp_count_set_phase(enum kp_count_phase phase);
bool kp_count_hold(void);
void kp_count_release(void);
int kp_count_inside(void);

/*
 * To be run by a worker on each CPU, interrupts off.  No interrupt is under way
 * here: those that were missed are over.
 */
void kp_count_settle(void);

#endif /* _KP_CALL_COUNT_H */
