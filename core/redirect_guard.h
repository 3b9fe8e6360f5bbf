/* SPDX-License-Identifier: GPL-2.0 */
/* Which functions have guards (rescue.h), and since when. */
#ifndef _KP_REDIRECT_GUARD_H
#define _KP_REDIRECT_GUARD_H

#include <linux/list.h>
#include <linux/types.h>

struct kp_redirect;
struct kp_rescue_counts;

/*
 * @rd is about to be caught, and gets its guard if it needs one.  An error says
 * that it must not be: calls would run the old code, and the log says why.  The
 * traps' lock.
 */
int kp_guard_prepare(struct kp_redirect *rd);

/* An error: no call would be seen by the handler, and the log says so. */
int kp_guard_ready(void);
/*
 * A transition has got going: what is replaced may be the right one, and guards
 * cannot tell.  Written under the lock of redirect.c's callers.
 */
void kp_guard_set_moving(bool moving);
bool kp_guard_moving(void);

/* Has somebody come to share a function since?  Takes the traps' lock. */
void kp_guard_look(void);

/* The traps' lock. */
void kp_guard_count(struct kp_rescue_counts *counts);
/* NULL, or a sentence about why patched functions may run their old code. */
const char *kp_guard_hazard(void);

/* @redirects: all there are, by kp_redirect.node, under the traps' lock. */
int kp_guard_init(struct list_head *redirects);
void kp_guard_exit(void);

#endif /* _KP_REDIRECT_GUARD_H */
