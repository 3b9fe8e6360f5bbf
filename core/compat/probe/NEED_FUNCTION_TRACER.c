// SPDX-License-Identifier: GPL-2.0
// kpatch needs a kernel with CONFIG_DYNAMIC_FTRACE_WITH_REGS and -mfentry
#include <linux/ftrace.h>

#if !defined(CONFIG_DYNAMIC_FTRACE) || !defined(CC_USING_FENTRY)
#error
#endif
int kp_probe = FTRACE_OPS_FL_SAVE_REGS;
