// SPDX-License-Identifier: GPL-2.0
// CONFIG_JUMP_LABEL: a module has a jump table
#include <linux/jump_label.h>
#include <linux/module.h>

struct module kp_module;
struct jump_entry **kp_probe = &kp_module.jump_entries;
unsigned int *kp_probe_num = &kp_module.num_jump_entries;
