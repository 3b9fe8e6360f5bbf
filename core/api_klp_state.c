// SPDX-License-Identifier: GPL-2.0
/* States of the system that patches of the klp front end hand on. */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>

#include "api_klp.h"
#include "compat.h"

struct klp_state *klp_get_state(struct klp_patch *patch, unsigned long id)
{
	struct klp_state *state;

	for (state = patch->states; state && state->id; state++)
		if (state->id == id)
			return state;
	return NULL;
}
EXPORT_SYMBOL_GPL(klp_get_state);

/*
 * Of the newest patch that has it, older than the one in transition.  For that
 * one's callbacks, so that the registry's lock is held.
 */
struct klp_state *klp_get_prev_state(unsigned long id)
{
	struct klp_state *state, *last = NULL;
	struct kp_klp *kk;

	if (WARN_ON_ONCE(!kp_klp_moving))
		return NULL;
	list_for_each_entry(kk, &kp_klps, node) {
		if (kk == kp_klp_moving)
			break;
		state = klp_get_state(kk->klp, id);
		if (state)
			last = state;
	}
	return last;
}
EXPORT_SYMBOL_GPL(klp_get_prev_state);

/* Can @klp live with @old?  One that replaces has to know it. */
static bool kp_klp_takes_state(struct klp_patch *klp,
			       const struct klp_state *old)
{
	const struct klp_state *state = klp_get_state(klp, old->id);

	return state ? state->version >= old->version : !klp->replace;
}

bool kp_klp_is_compatible(struct klp_patch *klp)
{
	const struct klp_state *old;
	struct kp_klp *kk;

	kp_assert_locked();
	list_for_each_entry(kk, &kp_klps, node)
		for (old = kk->klp->states; old && old->id; old++)
			if (!kp_klp_takes_state(klp, old))
				return false;
	return true;
}
