// SPDX-License-Identifier: GPL-2.0
// to 3.15: all ftrace handlers are skipped while a site is updated
#include <linux/ftrace.h>

int *kp_probe = &function_trace_stop;
