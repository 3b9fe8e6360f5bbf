/* SPDX-License-Identifier: GPL-2.0 */
/* Frame pointers, where the kernel's own unwinder cannot be asked. */
#ifndef _KP_STACK_WALK_H
#define _KP_STACK_WALK_H

#include <linux/types.h>

#include "compat.h"

struct kp_ranges;
struct kp_stack_hit;
struct task_struct;

#if defined(CONFIG_FRAME_POINTER) && !KP_HAVE_STACK_RELIABLE
/*
 * May @task be inside of one of @ranges?  False is certain, provided that it is
 * the caller, and not in an interrupt, or does not run.  @hit, if not NULL, is
 * set if there is one.
 */
bool kp_walk_busy(struct task_struct *task, const struct kp_ranges *ranges,
		  struct kp_stack_hit *hit);
void kp_walk_init(void);
#else
static inline bool kp_walk_busy(struct task_struct *task,
				const struct kp_ranges *ranges,
				struct kp_stack_hit *hit)
{
	return true;
}

static inline void kp_walk_init(void)
{
}
#endif

/* Tasks that sleep can be walked. */
#if defined(CONFIG_FRAME_POINTER) && !KP_HAVE_STACK_RELIABLE && \
	!KP_HAVE_STACK_RELIABLE_OLD && !KP_HAVE_TRY_GET_TASK_STACK
#define KP_WALK_SLEEPERS	1
#else
#define KP_WALK_SLEEPERS	0
#endif

#endif /* _KP_STACK_WALK_H */
