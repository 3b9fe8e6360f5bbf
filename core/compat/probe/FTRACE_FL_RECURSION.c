// SPDX-License-Identifier: GPL-2.0
// 5.11: handlers ask for recursion protection
#include <linux/ftrace.h>

int kp_probe = FTRACE_OPS_FL_RECURSION;
