// SPDX-License-Identifier: GPL-2.0
// Must not compile: proves that a wrong type is an error.
#include <linux/slab.h>

int (*kp_probe)(struct list_head *p, char x) = kfree;
