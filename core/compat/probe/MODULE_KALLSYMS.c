// SPDX-License-Identifier: GPL-2.0
// 4.5: struct mod_kallsyms
#include <linux/module.h>

const struct elf64_sym *kp_probe(struct module *m)
{
	return m->kallsyms->symtab;
}
