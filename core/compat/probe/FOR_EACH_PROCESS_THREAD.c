// SPDX-License-Identifier: GPL-2.0
// 3.14: for_each_process_thread(), safe under RCU
#include <linux/sched.h>
#ifdef CONFIG_THREAD_INFO_IN_TASK
#include <linux/sched/signal.h>
#endif

#ifndef for_each_process_thread
#error
#endif
