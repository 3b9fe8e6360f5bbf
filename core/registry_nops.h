/* SPDX-License-Identifier: GPL-2.0 */
/* Functions that a replacing patch gives back to the original. */
#ifndef _KP_REGISTRY_NOPS_H
#define _KP_REGISTRY_NOPS_H

#include "registry.h"

/*
 * Gives @patch a nop for each function that @old changes and @patch does not.
 * After an error some may be there: kp_nops_free().
 */
int kp_nops_add(struct kp_patch *patch, struct kp_patch *old);

/* Takes them off again; their hooks are gone, nobody is in a handler. */
void kp_nops_free(struct kp_patch *patch);

#endif /* _KP_REGISTRY_NOPS_H */
