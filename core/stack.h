/* SPDX-License-Identifier: GPL-2.0 */
/* Can this task be inside this code?  The only user of unwinders. */
#ifndef _KP_STACK_H
#define _KP_STACK_H

#include <linux/types.h>

struct task_struct;
struct kp_stack_hit;

/**
 * struct kp_range - a piece of code
 * @start:	its first byte
 * @end:	the byte behind its last
 * @name:	its function, for messages
 */
struct kp_range {
	unsigned long start;
	unsigned long end;
	const char *name;
};

/* A set of ranges, sorted by kp_ranges_seal(), and read only from then on. */
struct kp_ranges {
	unsigned int nr;
	unsigned int max;
	struct kp_range r[];
};

/* Room for @max ranges, or NULL. */
struct kp_ranges *kp_ranges_alloc(unsigned int max);
void kp_ranges_add(struct kp_ranges *ranges, unsigned long start,
		   unsigned long size, const char *name);
/* Ends the adding: from here on the set can be asked about. */
void kp_ranges_seal(struct kp_ranges *ranges);
void kp_ranges_free(struct kp_ranges *ranges);
/* Is @addr, which an unwinder has found, in there?  Says where in @hit, or NULL. */
bool kp_ranges_hit(const struct kp_ranges *ranges, unsigned long addr,
		   struct kp_stack_hit *hit);

/**
 * struct kp_stack_hit - why a task counts as being inside
 * @addr:	the address on its stack
 * @name:	the range it lies in
 * @unwound:	the unwinder has confirmed it; else it found no way to the
 *		stack's end, or was not asked
 */
struct kp_stack_hit {
	unsigned long addr;
	const char *name;
	bool unwound;
};

/* As many return addresses as a stack can hold. */
#define KP_MAX_FRAMES	(THREAD_SIZE / sizeof(unsigned long))

/* As many as fit in little room: whose stack has more is not judged there. */
struct kp_frames {
	unsigned long addr[256];
};

/* Finds the kernel's unwinder and return trampolines, as far as they exist. */
int kp_stack_init(void);
void kp_stack_exit(void);

/* Does this kernel's unwinder meet rethooks?  See kp_stack_busy(). */
bool kp_stack_has_rethooks(void);

/* What clears false hits: an unwinder, "frame pointers", or "none". */
const char *kp_stack_unwinder(void);

/*
 * Both answer "true: the task may be inside one of @ranges"; false is certain,
 * provided that the task does not run meanwhile, or is the caller.  @hit, if
 * not NULL, then tells where.  Where there are rethooks, kp_stack_busy() and
 * kp_stack_trace() must not be asked about one that can be woken up meanwhile:
 * tasks.c sees to that.
 *
 * kp_stack_raw() looks at the stack's words only: fast, safe in any context,
 * under any lock, and for a stack whose owner is current in an interrupt, if
 * @sp is what the interrupt found in the stack pointer (0: as saved).
 *
 * kp_stack_busy() asks the reliable unwinder about what looks like a hit.  Not
 * in two contexts at a time: the caller's lock, or stopped CPUs, see to that.
 */
bool kp_stack_raw(struct task_struct *task, const struct kp_ranges *ranges,
		  unsigned long sp, struct kp_stack_hit *hit);
bool kp_stack_busy(struct task_struct *task, const struct kp_ranges *ranges,
		   struct kp_stack_hit *hit);

/* kp_stack_busy() without the raw scan first: what that saves, for benchmarks. */
bool kp_stack_unwind_busy(struct task_struct *task,
			  const struct kp_ranges *ranges);

/* kp_stack_busy() for current and @sp, as above, in any context. */
bool kp_stack_busy_here(const struct kp_ranges *ranges, unsigned long sp,
			struct kp_frames *frames);

/*
 * A backtrace for messages, newest first; may be cut off or wrong, unlike the
 * answers above.  Returns the number of entries, 0 where the kernel offers
 * nothing.
 */
unsigned int kp_stack_trace(struct task_struct *task, unsigned long *entries,
			    unsigned int max);

#endif /* _KP_STACK_H */
