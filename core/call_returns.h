/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sees the returns of calls that are counted (call_count.h).
 *
 * Kernels that have rethooks (5.18) see them by these, which the redirecting
 * handler itself puts on a call's return address: call_returns_rethook.c.
 * Before, there are kretprobes: call_returns_kretprobe.c.
 */
#ifndef _KP_CALL_RETURNS_H
#define _KP_CALL_RETURNS_H

#include <linux/types.h>

#include "call_count.h"

struct pt_regs;

/* Looks for what is needed; kp_returns_unusable(): NULL, or what this kernel lacks. */
void kp_returns_init(void);
const char *kp_returns_unusable(void);

/*
 * kp_returns_begin() gets ready, kp_returns_end() undoes that and all
 * kp_returns_add().  The latter says that calls of the function at @addr will
 * be counted, kp_returns_del() that they will not be any more.  They may sleep,
 * and happen under the switch's lock.  Errors are negative; all but -ENOMEM are
 * in the log.
 */
int kp_returns_begin(void);
int kp_returns_add(unsigned long addr);
void kp_returns_del(unsigned long addr);
void kp_returns_end(void);

/*
 * Counting is to begin: the redirecting handler sees all calls, and
 * kp_returns_call() is asked about them.  Sleeps.
 */
void kp_returns_start(void);

/*
 * What becomes of a call, with the registers that ftrace hands to handlers.
 * Its return will be seen if it is counted, or has been said to be missed.  In
 * any context, with preemption off.
 */
enum kp_call kp_returns_call(struct pt_regs *regs);

/* To be run by a worker on each CPU, interrupts off: kp_count_settle(). */
void kp_returns_settle(void);

/* Says in the log which calls were missed, as far as that is known. */
void kp_returns_say_missed(void);

#endif /* _KP_CALL_RETURNS_H */
