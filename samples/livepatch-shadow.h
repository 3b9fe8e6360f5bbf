/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What livepatch-shadow-mod and its fixes share.  A real patch copies such
 * definitions from the source of what it patches.  It cannot change them:
 * objects of that layout exist already.
 */
#ifndef SAMPLES_LIVEPATCH_SHADOW_H
#define SAMPLES_LIVEPATCH_SHADOW_H

#include <linux/atomic.h>
#include <linux/list.h>

struct session_table {
	struct list_head sessions;
	atomic_t count;
	atomic_t logs;			/* how many are allocated */
};

struct session {
	struct list_head list;
};

struct session_log {
	struct session_table *table;	/* counts it */
	char text[200];
};

/* The shadow variable of a session that the fixes use: a pointer to its log. */
#define SHADOW_SESSION_LOG	1

#endif /* SAMPLES_LIVEPATCH_SHADOW_H */
