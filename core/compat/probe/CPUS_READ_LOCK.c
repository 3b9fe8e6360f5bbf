// SPDX-License-Identifier: GPL-2.0
// 4.13: cpus_read_lock()
#include <linux/cpu.h>

void (*kp_probe)(void) = cpus_read_lock;
