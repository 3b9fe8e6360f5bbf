// SPDX-License-Identifier: GPL-2.0
// 4.0: TAINT_LIVEPATCH
#include <linux/kernel.h>
#ifdef CONFIG_SYSFS
#include <linux/module.h>
#endif

int kp_probe = TAINT_LIVEPATCH;
