// SPDX-License-Identifier: GPL-2.0
// 5.2: stack_trace_save_tsk()
#include <linux/sched.h>
#include <linux/stacktrace.h>

unsigned int (*kp_probe)(struct task_struct *task, unsigned long *store,
			 unsigned int size,
			 unsigned int skipnr) = stack_trace_save_tsk;
