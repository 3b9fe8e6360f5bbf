// SPDX-License-Identifier: GPL-2.0
// 5.18: ftrace_instruction_pointer_set()
#include <linux/ftrace.h>

void kp_probe(struct ftrace_regs *regs)
{
	ftrace_instruction_pointer_set(regs, 0UL);
}
