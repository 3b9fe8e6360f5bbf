// SPDX-License-Identifier: GPL-2.0
// 5.2: stack_trace_save_tsk_reliable()
#include <linux/sched.h>
#include <linux/stacktrace.h>

#ifndef CONFIG_HAVE_RELIABLE_STACKTRACE
#error
#endif
int (*kp_probe)(struct task_struct *tsk, unsigned long *store,
		unsigned int size) = stack_trace_save_tsk_reliable;
