// SPDX-License-Identifier: GPL-2.0
// 4.12 to 5.1: save_stack_trace_tsk_reliable()
#include <linux/sched.h>
#include <linux/stacktrace.h>

#ifndef CONFIG_HAVE_RELIABLE_STACKTRACE
#error
#endif
int (*kp_probe)(struct task_struct *tsk,
		struct stack_trace *trace) = save_stack_trace_tsk_reliable;
