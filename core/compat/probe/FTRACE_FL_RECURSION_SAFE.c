// SPDX-License-Identifier: GPL-2.0
// 3.7 to 5.10: handlers decline recursion protection
#include <linux/ftrace.h>

int kp_probe = FTRACE_OPS_FL_RECURSION_SAFE;
