/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Modules that patches are for, as they come and go.  The only user of the module
 * notifier.
 */
#ifndef _KP_OBJECT_TARGET_H
#define _KP_OBJECT_TARGET_H

struct module;
struct mutex;

/**
 * struct kp_module_events - told of modules that come and go
 * @lock:	held while either is called
 * @coming:	the module is complete but has not run; an error is passed on to
 *		the loader, which refuses the module if it can (since 5.10).  One
 *		that was in its init when we came is live by now, and stays
 * @going:	it will not run any more
 */
struct kp_module_events {
	struct mutex *lock;	/* the registry's */
	int (*coming)(struct module *mod);
	void (*going)(struct module *mod);
};

int kp_targets_init(const struct kp_module_events *events);
void kp_targets_exit(void);

/**
 * kp_target_find() - the module of this name, if a patch can be applied to it
 * @patch:	the patch's module, for the log
 * @name:	the target's name
 * @mod:	where it goes; NULL if it is not there
 *
 * One that may be in its init since before kpatch.ko came is not there yet: the
 * events' coming() will tell.  One that is in its exit is there until going().
 *
 * Context: Process context, events' lock held.
 * Return: 0, there or not; -ENOMEM; -EBUSY if it is going, and nobody knows whether
 * going() has been called.
 */
int kp_target_find(struct module *patch, const char *name, struct module **mod);

#endif /* _KP_OBJECT_TARGET_H */
