// SPDX-License-Identifier: GPL-2.0
// 6.18: task_newtask probes get the flags as u64
#include <linux/sched.h>
#include <trace/events/task.h>

static void probe(void *data, struct task_struct *task, u64 clone_flags)
{
}

void kp_probe(void)
{
	check_trace_callback_type_task_newtask(probe);
}
