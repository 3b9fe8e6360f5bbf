/* SPDX-License-Identifier: GPL-2.0 */
/* The registry's own: functions of a patch that have hooks. */
#ifndef _KP_REGISTRY_RANGES_H
#define _KP_REGISTRY_RANGES_H

#include "registry.h"

/*
 * Calls @fn for the hooked functions of @patch, its nops included, until one
 * call returns something.
 */
int kp_patch_each_hooked(struct kp_patch *patch,
			 int (*fn)(struct kp_func *func, void *data),
			 void *data);

/* What callers must have left to go to "not applied" and to "applied". */
int kp_patch_ranges(struct kp_patch *patch, struct kp_ranges *leave[2]);

/*
 * Has @patch, which is about to be off, replacements that tasks need not have left,
 * because they are forced, or others over them are?
 */
bool kp_patch_is_unseen(struct kp_patch *patch);

#endif /* _KP_REGISTRY_RANGES_H */
