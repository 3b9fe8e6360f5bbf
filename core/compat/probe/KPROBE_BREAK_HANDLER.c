// SPDX-License-Identifier: GPL-2.0
// to 4.18: a pre-handler that has changed the ip ends the probe itself
#include <linux/kprobes.h>

int kp_probe(struct kprobe *kp, struct pt_regs *regs)
{
	return kp->break_handler(kp, regs);
}
