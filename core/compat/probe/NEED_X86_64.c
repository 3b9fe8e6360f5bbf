// SPDX-License-Identifier: GPL-2.0
// kpatch needs an x86-64 kernel
#include <linux/kernel.h>

#ifndef CONFIG_X86_64
#error
#endif
