// SPDX-License-Identifier: GPL-2.0
// 5.10: calls that are patched to where they go
#include <linux/static_call.h>

#ifndef CONFIG_HAVE_STATIC_CALL
#error
#endif
int kp_proto(int arg);
DEFINE_STATIC_CALL_NULL(kp_probe, kp_proto);

void kp_probe_update(unsigned long addr)
{
	static_call_update(kp_probe, (typeof(kp_proto) *)addr);
}
