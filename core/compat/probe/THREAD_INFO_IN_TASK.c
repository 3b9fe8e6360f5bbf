// SPDX-License-Identifier: GPL-2.0
// 4.9: thread_info, with 64 bits of flags, is part of the task
#include <linux/sched.h>

#ifndef CONFIG_THREAD_INFO_IN_TASK
#error
#endif
unsigned long *kp_probe(struct task_struct *t)
{
	return &t->thread_info.flags;
}
