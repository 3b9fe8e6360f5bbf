/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module with a jump table that cannot be set up (struct kpatch_early):
 * KT_KEY cannot be found, or KT_DEST is outside of the table or of all memory.
 */
#include <linux/elf.h>
#include <linux/module.h>

#include "../../core/kpatch.h"

/* A multiple of any kernel's struct jump_entry. */
static unsigned long table[6];
static unsigned long outside[2] __used;

static struct kpatch_dynrela relas[] = {
	{
		.dest = (unsigned long)KT_DEST,
		.type = R_X86_64_64,
		.name = KT_KEY,
	},
};

struct kpatch_early kpatch_early = {
	.relas = relas,
	.relas_end = relas + 1,
	.table = table,
	.table_end = table + 6,
};

static int __init test_init(void)
{
	return kpatch_early.ready ? 0 : -ENXIO;
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);
MODULE_DESCRIPTION("Test: a jump table that kpatch.ko must refuse");
MODULE_LICENSE("GPL");
