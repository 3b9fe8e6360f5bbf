// SPDX-License-Identifier: GPL-2.0
// 3.18: the call site of a function with one tracer calls that one's trampoline
#include <linux/ftrace.h>

unsigned long *kp_probe(struct ftrace_ops *ops)
{
	return &ops->trampoline;
}
