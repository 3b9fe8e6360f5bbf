/* SPDX-License-Identifier: GPL-2.0 */
/* The klp front end's own parts; only where CONFIG_LIVEPATCH is off. */
#ifndef _KP_API_KLP_H
#define _KP_API_KLP_H

#ifdef CONFIG_LIVEPATCH

static inline int kp_klp_init(void)
{
	return 0;
}

static inline void kp_klp_exit(void)
{
}

#else

#include <linux/list.h>
#include <linux/workqueue.h>

#include "registry.h"

struct klp_patch;
struct kp_symbol;

/**
 * struct kp_klp - a patch of this front end, from its copy to its end
 * @patch:	the engine's
 * @klp:	the patch module's; its internal field "engine" points back
 * @node:	in kp_klps, while enabled or in transition, or among those that
 *		are being cleared away; registry's lock
 * @work:	removes it when it is off, which no lock may be held for
 */
struct kp_klp {
	struct kp_patch patch;
	struct klp_patch *klp;
	struct list_head node;
	struct work_struct work;
};

/* Oldest first; registry's lock. */
extern struct list_head kp_klps;
/* The one in transition or NULL; written under the registry's lock. */
extern struct kp_klp *kp_klp_moving;

bool kp_klp_is_enabled(const struct kp_klp *kk);
/* What writes to its attributes do; the registry's lock is held. */
int kp_klp_disable(struct kp_klp *kk);
int kp_klp_reverse(struct kp_klp *kk);
int kp_klp_force(struct kp_klp *kk);

/* api_klp_check.c: errors have been told to the log. */
int kp_klp_check(const struct klp_patch *klp);

/* api_klp_copy.c: from the patch module's structs to the engine's, and back. */
struct kp_klp *kp_klp_new(struct klp_patch *klp);
void kp_klp_free(struct kp_klp *kk);

/* api_klp_state.c */
bool kp_klp_is_compatible(struct klp_patch *klp);

/*
 * api_klp_sysfs.c: the directories of a patch.  Removing them waits for those
 * who are inside, so not under a lock that they take.  It also has to follow
 * an add that has failed.
 */
int kp_klp_sysfs_add(struct klp_patch *klp);
void kp_klp_sysfs_remove(struct klp_patch *klp);
/* Those of functions that it gives back to the original, while in transition. */
int kp_klp_sysfs_add_nops(struct kp_patch *patch);
void kp_klp_sysfs_remove_nops(struct kp_patch *patch);
int kp_klp_sysfs_init(void);
void kp_klp_sysfs_exit(void);

/* api_klp_say.c: mainline's words. */
void kp_klp_say(struct kp_patch *patch, enum kp_event event, const char *name,
		int error);
void kp_klp_say_reversing(const struct kp_klp *kk);
void kp_klp_say_blocked(struct kp_patch *patch, struct task_struct *task,
			const struct kp_stack_hit *hit);
int kp_klp_missing(struct kp_object *obj, const struct kp_symbol *sym);

/* api_klp_shadow.c */
void kp_klp_shadow_exit(void);

int kp_klp_init(void);
void kp_klp_exit(void);

#endif /* CONFIG_LIVEPATCH */
#endif /* _KP_API_KLP_H */
