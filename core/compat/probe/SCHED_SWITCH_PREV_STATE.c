// SPDX-License-Identifier: GPL-2.0
// 5.18: sched_switch probes get prev's state
#include <trace/events/sched.h>

static void probe(void *data, bool preempt, struct task_struct *prev,
		  struct task_struct *next, unsigned int prev_state)
{
}

void kp_probe(void)
{
	check_trace_callback_type_sched_switch(probe);
}
