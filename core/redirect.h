/* SPDX-License-Identifier: GPL-2.0 */
/* Sends calls of a function elsewhere: the only user of ftrace_ops. */
#ifndef _KP_REDIRECT_H
#define _KP_REDIRECT_H

#include <linux/list.h>
#include <linux/types.h>

struct kp_rescue_counts;
struct pt_regs;

/**
 * struct kp_hook - one replacement on the stack of those for an address
 * @new_addr:	where calls go, or 0: to the original
 * @new_size:	length of what is at @new_addr
 * @transition:	whether this hook applies depends on who calls: the function
 *		given to kp_redirect_begin() decides.  If it does not apply, the
 *		one below does.
 *
 * At most one hook of an address is in transition, and only if it is on top
 * does that matter to callers.
 */
struct kp_hook {
	unsigned long new_addr;
	unsigned long new_size;
	bool transition;

	/* private: */
	struct list_head node;
	struct kp_redirect *rd;
};

/*
 * Decides for hooks in transition.  Called in any context, NMI included, with
 * preemption off, once for every call of an affected function.  @regs are the
 * caller's, with the stack pointer at the return address.
 */
typedef bool (*kp_applied_t)(struct pt_regs *regs);

/*
 * All functions below are called under one lock, the caller's.
 *
 * kp_redirect_ready() is an error if calls are not seen, so that it would be in
 * vain to begin a transition; the log says why.
 *
 * kp_redirect_begin() must precede the first hook that has @transition set and
 * kp_redirect_end() must follow the last one.
 */
int kp_redirect_ready(void);
void kp_redirect_begin(kp_applied_t applied);
/*
 * In between, once what the transition needs is in place: from now on @applied
 * may say different things.  Until then a call that gets past ftrace, while
 * others' probes come for instance, goes where all went before.
 */
void kp_redirect_go(void);
void kp_redirect_end(void);
/* After that, when what else the transition needed has gone as well. */
void kp_redirect_settle(void);

/*
 * Puts @hook on top of the stack of @addr.  Calls see it, according to its
 * @transition: at once if @addr has hooks already, else from kp_redirect_arm()
 * on, which is best called for many.  Both can sleep, and fail; *@culprit is
 * then one of the functions that are to blame.
 */
int kp_hook_add(struct kp_hook *hook, unsigned long addr);
int kp_redirect_arm(unsigned long *culprit);

/*
 * @hook, which is in place, is about to be in transition: calls have to pass
 * the handler.  Can sleep, and fail.
 */
int kp_redirect_hold(struct kp_hook *hook);

/*
 * Takes hooks off their stacks.  kp_hook_del() takes effect at once, but calls
 * that have seen the hook may still be under way until kp_redirect_reap() has
 * been called, which also gives back the call sites that have no hook left.
 */
void kp_hook_del(struct kp_hook *hook);
void kp_redirect_reap(void);

/* Sets or clears @hook's transition with the order that the handler needs. */
void kp_hook_set_transition(struct kp_hook *hook, bool transition);

/* The hook on top of the stack of @addr, and the one below @hook; or NULL. */
struct kp_hook *kp_hook_top(unsigned long addr);
struct kp_hook *kp_hook_below(const struct kp_hook *hook);

/* Waits until no CPU is in a handler that it had entered before the call. */
void kp_redirect_sync(void);
/* Also calls @fn on each CPU, interrupts off, while it is in no handler. */
void kp_redirect_run(void (*fn)(void));

/*
 * Calls @fn for each function with how its calls get to where they shall go:
 * "ops" (through the handler), "direct" (a call of a stub) or "jmp".
 */
void kp_redirect_for_each(void (*fn)(unsigned long addr, const char *how,
				     void *data), void *data);
/* NULL, or a sentence about why it is always "ops" on this kernel. */
const char *kp_redirect_no_direct(void);

/* NULL, or a sentence about why patched functions may run their old code. */
const char *kp_redirect_hazard(void);
/* About guards. */
void kp_redirect_count(struct kp_rescue_counts *counts);

int kp_redirect_init(void);
void kp_redirect_exit(void);

#endif /* _KP_REDIRECT_H */
