/* SPDX-License-Identifier: GPL-2.0 */
/* Jump tables of patch modules. */
#ifndef _KP_EARLY_H
#define _KP_EARLY_H

struct module;

void kp_early_init(void);

/*
 * A module is coming, and no other notifier has seen it: gives its hidden jump
 * table to the kernel, if it has one (struct kpatch_early).  After an error the
 * table is still hidden.  May sleep.
 */
int kp_early_coming(struct module *mod);

#endif /* _KP_EARLY_H */
