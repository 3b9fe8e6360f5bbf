// SPDX-License-Identifier: GPL-2.0
// 6.2: the kernel's symbols are sorted by name, and a look-up is a binary search
#include <linux/kallsyms.h>

int kp_probe(int (*fn)(void *data, unsigned long addr), const char *name)
{
	return kallsyms_on_each_match_symbol(fn, name, NULL);
}
