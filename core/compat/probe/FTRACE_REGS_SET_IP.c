// SPDX-License-Identifier: GPL-2.0
// 6.12: ftrace_regs_set_instruction_pointer() everywhere
#include <linux/ftrace.h>

void kp_probe(struct ftrace_regs *regs)
{
	ftrace_regs_set_instruction_pointer(regs, 0UL);
}
