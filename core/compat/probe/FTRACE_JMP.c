// SPDX-License-Identifier: GPL-2.0
// 6.19: direct calls can be jumps at the site
#include <linux/ftrace.h>

#ifndef CONFIG_DYNAMIC_FTRACE_WITH_JMP
#error
#endif
unsigned long kp_probe(unsigned long addr)
{
	return ftrace_jmp_set(addr);
}
