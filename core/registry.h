/* SPDX-License-Identifier: GPL-2.0 */
/* Patches, their states and their order. */
#ifndef _KP_REGISTRY_H
#define _KP_REGISTRY_H

#include <linux/list.h>
#include <linux/types.h>

#include "object.h"
#include "switch.h"

struct kp_patch;

enum kp_patch_state {
	KP_PATCH_OFF,
	KP_PATCH_ENABLING,	/* in transition; may end as ON or as OFF */
	KP_PATCH_ON,
	KP_PATCH_DISABLING,	/* in transition; may end as OFF or as ON */
};

/* What happens to a patch, for kp_patch_ops.say(); @name: see there. */
enum kp_event {
	KP_EV_ENABLE,		/* its objects are linked; callbacks follow */
	KP_EV_DISABLE,		/* likewise */
	KP_EV_GO,		/* the switch to its state's end begins */
	KP_EV_REACHED,		/* everybody is there; callbacks follow */
	KP_EV_SETTLED,		/* ... and are done; @error as for @settled */
	KP_EV_REPLACED,		/* by the patch @name */
	KP_EV_PRE_PATCH_FAILED,	/* of object @name */
	KP_EV_HOOK_FAILED,	/* of function @name */
	KP_EV_OBJECT_FAILED,	/* no hooks for object @name */
	KP_EV_CANCEL,		/* enabling failed; callbacks follow */
	KP_EV_CANCELLED,	/* ... and are done */
	KP_EV_LINK_FAILED,	/* for module @name, which is being loaded */
	KP_EV_APPLYING,		/* to that module */
	KP_EV_APPLY_FAILED,	/* to that module */
	KP_EV_REFUSED,		/* that module, or it runs without the patch */
	KP_EV_REVERTING,	/* on module @name, which goes */
	KP_EV_NUDGING,		/* tasks that are in the way */
};

/**
 * struct kp_patch_ops - what a front end is told, under the registry's lock
 * @settled:	a transition has ended as @on; @error says why if that is not
 *		what was asked for (0: the user turned it round)
 * @replaced:	another patch has taken this one's place; it is off
 * @nops_added:	a patch that replaces has got functions, and perhaps objects,
 *		that give back what older patches change (see @nop there); an
 *		error cancels
 * @nops_leave:	they are about to be taken off again
 * @say:	print a message in the words of this front end, if the event is
 *		worth one; without it the registry's are printed
 * @blocked:	for debug messages: see struct kp_switch
 * All may be NULL.
 */
struct kp_patch_ops {
	void (*settled)(struct kp_patch *patch, bool on, int error);
	void (*replaced)(struct kp_patch *patch);
	int (*nops_added)(struct kp_patch *patch);
	void (*nops_leave)(struct kp_patch *patch);
	void (*say)(struct kp_patch *patch, enum kp_event event,
		    const char *name, int error);
	void (*blocked)(struct kp_patch *patch, struct task_struct *task,
			const struct kp_stack_hit *hit);
};

/**
 * struct kp_patch - a patch; made by a front end
 * @name:	for messages
 * @mod:	the patch module; a reference is held while the patch is not off
 * @held:	... by the front end, which also looks at @pinned in the end
 * @objects:	struct kp_object
 * @replace:	takes the place of all others
 * @at_once:	wants all callers to be switched at one instant, if neither its
 *		author nor the user asks for a model
 * @patient:	a transition waits for ever rather than fail
 * @strict:	a target module that cannot be patched shall not load
 * @ops:	see there
 * @priv:	the front end's
 * @state:	read only, under the lock
 * @error:	why the last transition did not end as asked, or 0; likewise
 * @pinned:	tasks may be in @mod for all we know: it stays; likewise
 */
struct kp_patch {
	const char *name;
	struct module *mod;
	struct list_head objects;
	bool held;
	bool replace;
	bool at_once;
	bool patient;
	bool strict;
	const struct kp_patch_ops *ops;
	void *priv;

	enum kp_patch_state state;
	int error;
	bool pinned;

	/* private: */
	struct list_head node;
};

/*
 * The big lock: everything about patches, objects, hooks and the switch.
 * Taken before the kernel's ftrace, text and CPU hotplug locks; callbacks of
 * patches run under it.
 */
void kp_lock(void);
void kp_unlock(void);
void kp_assert_locked(void);

/* Clears @patch and makes it an empty one. */
void kp_patch_init(struct kp_patch *patch);
void kp_object_init_empty(struct kp_object *obj, const char *name);
/* That of @patch which is called @name, or NULL. */
struct kp_object *kp_patch_object(struct kp_patch *patch, const char *name);

/*
 * Start a transition; lock held.  The end is told by @settled, which may come
 * before these return.  -EBUSY: another transition is under way.  After any
 * error nothing has changed.
 */
int kp_patch_enable(struct kp_patch *patch);
int kp_patch_disable(struct kp_patch *patch);
/* Turns @patch's transition round; lock held. */
int kp_patch_reverse(struct kp_patch *patch);
/* Ends it by force: modules that take part stay loaded for ever; lock held. */
int kp_patch_force(struct kp_patch *patch);

/* The patch in transition, or NULL; lock held. */
struct kp_patch *kp_patch_moving(void);
/* Is it @patch, or any (NULL)?  Without the lock, for waiting. */
bool kp_patch_is_moving(const struct kp_patch *patch);
/* The switch that is running, or the results of the last one; lock held. */
struct kp_switch *kp_patch_switch(void);
/* Calls @fn for all patches that are not off, oldest first; lock held. */
void kp_patch_for_each(void (*fn)(struct kp_patch *patch, void *data),
		       void *data);
/* Tells the log that @event has happened, in the words of @patch's front end. */
void kp_say(struct kp_patch *patch, enum kp_event event, const char *name,
	    int error);

int kp_registry_init(void);
void kp_registry_exit(void);

#endif /* _KP_REGISTRY_H */
