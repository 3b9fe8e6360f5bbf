// SPDX-License-Identifier: GPL-2.0
// kpatch needs a kernel with CONFIG_MODULES, CONFIG_MODULE_UNLOAD, CONFIG_SYSFS and CONFIG_SMP
#include <linux/kernel.h>

#if !defined(CONFIG_MODULES) || !defined(CONFIG_MODULE_UNLOAD) || \
	!defined(CONFIG_SYSFS) || !defined(CONFIG_SMP)
#error
#endif
