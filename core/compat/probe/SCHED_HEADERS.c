// SPDX-License-Identifier: GPL-2.0
// 4.11: linux/sched.h is split
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
