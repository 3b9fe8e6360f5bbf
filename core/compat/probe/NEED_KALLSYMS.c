// SPDX-License-Identifier: GPL-2.0
// kpatch needs a kernel with CONFIG_KALLSYMS_ALL and CONFIG_KPROBES
#include <linux/kernel.h>

#if !defined(CONFIG_KALLSYMS_ALL) || !defined(CONFIG_KPROBES)
#error
#endif
