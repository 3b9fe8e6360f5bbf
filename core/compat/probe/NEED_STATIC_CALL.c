// SPDX-License-Identifier: GPL-2.0
// kpatch needs CONFIG_HAVE_STATIC_CALL on a kernel with CONFIG_X86_KERNEL_IBT
#include <linux/kernel.h>

#if defined(CONFIG_X86_KERNEL_IBT) && !defined(CONFIG_HAVE_STATIC_CALL)
#error
#endif
