// SPDX-License-Identifier: GPL-2.0
// 5.4: hrtimers that fire in hard interrupt context on PREEMPT_RT
#include <linux/hrtimer.h>

int kp_probe = HRTIMER_MODE_REL_PINNED_HARD;
