/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry's own: the hooks of patches.  @sw is the switch of the patch in
 * transition, and NULL for the others.
 */
#ifndef _KP_REGISTRY_HOOKS_H
#define _KP_REGISTRY_HOOKS_H

#include "registry.h"
#include "switch.h"

/* After an error some are there: kp_object_unhook() or kp_patch_unhook(). */
int kp_object_hook(struct kp_patch *patch, struct kp_object *obj,
		   struct kp_switch *sw);
void kp_object_unhook(struct kp_object *obj, struct kp_switch *sw);
/* Hooks of newer patches have come over some: @sw need not know those. */
void kp_object_skip_covered(struct kp_object *obj, struct kp_switch *sw);

/* All of a patch, or its nops only, at the end of a switch. */
void kp_patch_unhook(struct kp_patch *patch);
void kp_patch_unhook_nops(struct kp_patch *patch);

/* Tells @sw about the functions of a patch that is on. */
int kp_patch_add_sites(struct kp_patch *patch, struct kp_switch *sw);

void kp_patch_set_transition(struct kp_patch *patch, bool transition);

#endif /* _KP_REGISTRY_HOOKS_H */
