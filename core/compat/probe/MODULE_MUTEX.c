// SPDX-License-Identifier: GPL-2.0
// to 5.11: module_mutex guards the list of modules
#include <linux/module.h>

struct mutex *kp_probe = &module_mutex;
