// SPDX-License-Identifier: GPL-2.0
// 4.19: jump_entry_code()
#include <linux/jump_label.h>

unsigned long (*kp_probe)(const struct jump_entry *entry) = jump_entry_code;
