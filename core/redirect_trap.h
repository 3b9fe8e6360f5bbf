/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traps: how calls come to the handler.  Between redirect.c, which decides
 * where calls go, and ftrace.
 */
#ifndef _KP_REDIRECT_TRAP_H
#define _KP_REDIRECT_TRAP_H

#include <linux/compiler.h>
#include <linux/ftrace.h>
#include <linux/list.h>
#include <linux/types.h>

#include "rescue.h"

struct kp_direct;
struct kp_trap;

/**
 * struct kp_redirect - what happens to calls of one function
 * @addr:	the function
 * @to:		where all calls go, or 0: the hooks have to be asked
 * @moving:	it has been 0 since the last kp_redirect_settle()
 * @hooks:	struct kp_hook, newest first
 * @node:	in redirect.c's list; not if @dead
 * @trap:	where its calls are caught, or NULL: nowhere yet
 * @member:	in @trap->members
 * @direct:	its direct call, or NULL
 * @rescue:	for calls that ftrace lets through, while there is a @to
 * @dead:	not caught any more; the memory goes with @trap
 */
struct kp_redirect {
	unsigned long addr;
	unsigned long to;
	struct list_head hooks;
	struct list_head node;
	struct kp_trap *trap;
	struct list_head member;
	struct kp_direct *direct;
	struct kp_rescue rescue;
	unsigned long rescue_to;
	bool moving;
	bool dead;
};

/* A call site (ip 0: none), and where all its calls go: kp_redirect.to. */
struct kp_trap_slot {
	unsigned long ip;
	unsigned long to;
};

/**
 * struct kp_trap - an ftrace_ops and the functions that it catches
 * @mask:	of the bits of a call site's address that are its slot's offset
 * @rds:	the redirect of each slot
 * @slot:	hash table of call sites, followed by an empty slot
 *
 * One ops serves all functions that were redirected together.  Each time that
 * one is registered or goes, ftrace walks all call sites of the kernel several
 * times, some ten million instructions, and waits for RCU-tasks: a patch of a
 * hundred functions must not pay that a hundred times.
 */
struct kp_trap {
	struct ftrace_ops ops;
	unsigned long mask;
	unsigned int nr_live;
	bool registered;
	struct list_head node;
	struct list_head members;
	struct kp_redirect **rds;
	struct kp_trap_slot slot[];
};

/* Where to look for @ip first.  Functions are aligned as slots are. */
static __always_inline const struct kp_trap_slot *
kp_trap_slot(const struct kp_trap *trap, unsigned long ip)
{
	return (const void *)trap->slot + (ip & trap->mask);
}

/* For the handler.  NULL: never, as far as ftrace keeps its word. */
static __always_inline struct kp_redirect *
kp_trap_find(const struct kp_trap *trap, unsigned long ip)
{
	const struct kp_trap_slot *slot = kp_trap_slot(trap, ip);

	for (; slot->ip != ip; slot++)
		if (!slot->ip)
			return NULL;
	return trap->rds[slot - trap->slot];
}

/*
 * The lock of traps, redirects and lists of hooks, taken after the callers' big
 * one.  All functions below but the next three need it.
 */
void kp_trap_lock(void);
void kp_trap_unlock(void);

/* Nothing is in transition: what can be called directly, is, after a while. */
void kp_trap_settle(void);
/* Nothing moves to direct calls until kp_trap_settle(). */
void kp_trap_unsettle(void);
bool kp_trap_settled(void);

/*
 * kp_trap_new() makes a trap for the @nr members of @rds (kp_redirect.member),
 * which move there if it succeeds.
 */
int kp_trap_new(struct list_head *rds, unsigned int nr, ftrace_func_t handler);

/* Gives back the functions that have no hook left. */
void kp_trap_reap(void);

/* All calls of @rd go to @to; 0: the hooks have to be asked. */
void kp_trap_aim(struct kp_redirect *rd, unsigned long to);

/* Calls of @rd pass the handler from now on, until kp_trap_settle(). */
int kp_trap_hold(struct kp_redirect *rd);

/* Does @rd's call site lead to us and nobody else?  False if in doubt. */
bool kp_trap_is_sole(const struct kp_redirect *rd);

/* Calls @fn for each function with how its calls are redirected. */
void kp_trap_for_each(void (*fn)(unsigned long addr, const char *how,
				 void *data), void *data);

void kp_trap_exit(void);

#endif /* _KP_REDIRECT_TRAP_H */
