// SPDX-License-Identifier: GPL-2.0
// 6.13: hrtimer_setup()
#include <linux/hrtimer.h>

void (*kp_probe)(struct hrtimer *timer,
		 enum hrtimer_restart (*function)(struct hrtimer *),
		 clockid_t clock_id, enum hrtimer_mode mode) = hrtimer_setup;
