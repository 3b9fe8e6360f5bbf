/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The patch that goes on and off under load.  It replaces cmdline_proc_show()
 * of the kernel and, in kptest_target, kptest_outer() and the kptest_inner()
 * that the former calls.  All three show the generation that the patch was
 * loaded with, so that a reader sees what it got and whether it fits.
 *
 * kptest-load-a.c and kptest-load-b.c are the same patch under two names, so
 * that one can replace the other.
 *
 * "broken", "garbled" and "leak" are for the tests of the test: it must notice these.
 */

#include "kptest-patch.h"

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "kptest-target.h"

static unsigned int gen = 1;
module_param(gen, uint, 0444);
MODULE_PARM_DESC(gen, "the generation to show");

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "replace all patches that are there");

static bool broken;
module_param(broken, bool, 0444);
MODULE_PARM_DESC(broken, "leave kptest_inner() alone: readers see a mix");

static bool garbled;
module_param(garbled, bool, 0444);
MODULE_PARM_DESC(garbled, "show a text that is neither the old nor the new one");

static unsigned int leak;
module_param(leak, uint, 0444);
MODULE_PARM_DESC(leak, "how many objects of 1000 bytes to lose at each load");

static int patched_cmdline_show(struct seq_file *m, void *v)
{
	if (garbled)
		seq_puts(m, "cmdline new:\n");
	else
		seq_printf(m, "cmdline new:%u\n", gen);
	return 0;
}

static const char *patched_inner(char *tmp, size_t size)
{
	scnprintf(tmp, size, "new:%u", gen);
	return tmp;
}

static ssize_t patched_outer(struct kptest_call *call)
{
	char before[16], after[16];

	call->inner(before, sizeof(before));
	if (call->sleep_ms)
		msleep(call->sleep_ms);
	return scnprintf(call->buf, call->size,
			 "outer=new:%u inner=%s,%s\n", gen, before,
			 call->inner(after, sizeof(after)));
}

static struct klp_func vmlinux_funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = patched_cmdline_show,
	}, { }
};

static struct klp_func target_funcs[] = {
	{
		.old_name = "kptest_outer",
		.new_func = patched_outer,
	}, {
		.old_name = "kptest_inner",
		.new_func = patched_inner,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = NULL,	/* vmlinux */
		.funcs = vmlinux_funcs,
	}, {
		.name = "kptest_target",
		.funcs = target_funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init kptest_load_init(void)
{
	static struct klp_func end;
	unsigned int i;

	patch.replace = replace;
	if (broken)
		target_funcs[1] = end;
	for (i = 0; i < leak; i++)
		if (!kmalloc(1000, GFP_KERNEL))
			return -ENOMEM;
	return klp_enable_patch(&patch);
}

static void __exit kptest_load_exit(void)
{
}

module_init(kptest_load_init);
module_exit(kptest_load_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: a patch to go on and off under load");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
