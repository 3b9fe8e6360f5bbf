// SPDX-License-Identifier: GPL-2.0
// 4.9: stacks can go before their task
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#ifndef CONFIG_THREAD_INFO_IN_TASK
#error
#endif
void *(*kp_probe)(struct task_struct *tsk) = try_get_task_stack;
