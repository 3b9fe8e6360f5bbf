// SPDX-License-Identifier: GPL-2.0
// Must compile: proves that a probe that should pass does.
#include <linux/kernel.h>

int (*kp_probe)(const char *fmt, ...) = NULL;
