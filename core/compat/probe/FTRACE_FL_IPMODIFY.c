// SPDX-License-Identifier: GPL-2.0
// 3.19: ops that change the ip say so; an enumerator in RHEL
#include <linux/ftrace.h>

int kp_probe = FTRACE_OPS_FL_IPMODIFY;
