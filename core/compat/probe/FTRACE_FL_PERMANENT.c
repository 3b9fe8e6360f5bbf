// SPDX-License-Identifier: GPL-2.0
// 5.5: ops that kernel.ftrace_enabled=0 may not switch off
#include <linux/ftrace.h>

int kp_probe = FTRACE_OPS_FL_PERMANENT;
