// SPDX-License-Identifier: GPL-2.0
// 5.10: TWA_SIGNAL, work of a task that ends its interruptible sleep
#include <linux/task_work.h>

int kp_probe = TWA_SIGNAL;
