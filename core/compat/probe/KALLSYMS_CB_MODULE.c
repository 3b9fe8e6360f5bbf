// SPDX-License-Identifier: GPL-2.0
// to 6.1 or so: symbol iterators hand the module to their callback
#include <linux/kallsyms.h>

static int fn(void *data, const char *name, struct module *mod,
	      unsigned long addr)
{
	return 0;
}

int kp_probe(void)
{
	return kallsyms_on_each_symbol(fn, NULL);
}
