/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Takes every task from one side to the other, each at a moment when its stack
 * holds no code in question, without stopping anybody.
 */
#ifndef _KP_SWITCH_MIGRATE_H
#define _KP_SWITCH_MIGRATE_H

#include <linux/types.h>

struct kp_switch;
struct task_struct;

/* Everybody is at home from now on, and nobody leaves before the first try. */
int kp_migrate_begin(void);

/*
 * Tries to have everybody away from home (or back): who is clear of
 * @sw->leave[@sw->target] goes, and those who cannot be judged follow on their
 * own when they can.  0: all are there; else -EAGAIN, with the blockers noted.
 */
int kp_migrate_try(struct kp_switch *sw, bool away);

/*
 * Moves nobody: notes who sleeps in @sw->leave[@sw->target], and sends those who
 * can be sent out of it by a signal when that is due.
 */
void kp_migrate_note(struct kp_switch *sw);

/* Nobody moves until the next try. */
void kp_migrate_pause(void);

/* Everybody is there, whatever is on their stacks. */
void kp_migrate_force(bool away);

/* The end, with everybody away or at home. */
void kp_migrate_end(bool away);

/* Is @task away from home?  For handlers: any context. */
bool kp_migrated(struct task_struct *task);

#endif /* _KP_SWITCH_MIGRATE_H */
