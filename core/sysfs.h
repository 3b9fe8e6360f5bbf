/* SPDX-License-Identifier: GPL-2.0 */
/* The engine's own attributes; see Documentation/core.md. */
#ifndef _KP_SYSFS_H
#define _KP_SYSFS_H

#include <linux/kobject.h>

struct kp_patch;

/* /sys/kernel/kpatch */
int kp_sysfs_init(void);
void kp_sysfs_exit(void);

/* What a front end that has a kobject for a patch calls from its own files. */
ssize_t kp_sysfs_show_state(struct kp_patch *patch, char *buf);

#endif /* _KP_SYSFS_H */
