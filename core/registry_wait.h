/* SPDX-License-Identifier: GPL-2.0 */
/* Transitions from start to end. */
#ifndef _KP_REGISTRY_WAIT_H
#define _KP_REGISTRY_WAIT_H

struct kp_patch;

/*
 * kp_patch_enable() and kp_patch_disable() without the lock: they wait for other
 * transitions, start, wait.  An error says that the patch is as it was before.
 * Both sleep.
 */
int kp_patch_enable_wait(struct kp_patch *patch);
int kp_patch_disable_wait(struct kp_patch *patch);

/* For the registry: kp_patch_is_moving() has become false. */
void kp_wait_wake(void);

#endif /* _KP_REGISTRY_WAIT_H */
