// SPDX-License-Identifier: GPL-2.0
// 3.17: within_module()
#include <linux/module.h>

bool (*kp_probe)(unsigned long addr, const struct module *mod) = within_module;
