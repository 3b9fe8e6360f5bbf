/* SPDX-License-Identifier: GPL-2.0 */
/* Lets others have the CPU while the kernel is busy for us. */
#ifndef _KP_YIELD_H
#define _KP_YIELD_H

/*
 * Between these two the calling task can be preempted wherever it could be with
 * preempt=full, if the kernel has that choice.  One task at a time, no nesting:
 * the lock of traps.  Both may sleep.
 */
void kp_yield_begin(void);
void kp_yield_end(void);

/* Why that changes nothing at the moment; NULL: it does. */
const char *kp_yield_needless(void);

/* How often the task was preempted in there. */
unsigned long kp_yield_count(void);

void kp_yield_init(void);
void kp_yield_exit(void);

#endif /* _KP_YIELD_H */
