// SPDX-License-Identifier: GPL-2.0
// 6.17: system_percpu_wq; system_wq, a queue of its own until it goes, complains
#include <linux/workqueue.h>

struct workqueue_struct **kp_probe = &system_percpu_wq;
