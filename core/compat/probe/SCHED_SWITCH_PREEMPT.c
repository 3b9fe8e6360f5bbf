// SPDX-License-Identifier: GPL-2.0
// 4.4: sched_switch probes are told of preemption
#include <trace/events/sched.h>

static void probe(void *data, bool preempt, struct task_struct *prev,
		  struct task_struct *next)
{
}

void kp_probe(void)
{
	check_trace_callback_type_sched_switch(probe);
}
