// SPDX-License-Identifier: GPL-2.0
// 3.15: tracepoints are registered by pointer, not by name
#include <linux/tracepoint.h>

int (*kp_probe)(struct tracepoint *tp, void *probe,
		void *data) = tracepoint_probe_register;
