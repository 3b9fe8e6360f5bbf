// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-block: a patch of functions that tasks stay in
 *
 * The target's kptest_block() and kptest_nap() keep their readers until
 * somebody lets them go, which holds up patching.  The patched kptest_block()
 * keeps its readers as long as the parameter "hold" is set, which holds up
 * unpatching.  kptest_late can come and go meanwhile.
 */

#include "kptest-patch.h"

#include <linux/sched.h>
#include <linux/seq_file.h>

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "readers of \"block\" stay inside while this is set");

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "replace all patches that are there");

static int inside;
module_param(inside, int, 0444);
MODULE_PARM_DESC(inside, "whether a reader is inside (one at a time counts)");

static int patched_block(struct seq_file *m, void *v)
{
	inside++;
	/* only a fatal signal wakes it up early, and then the reader dies */
	while (hold && !schedule_timeout_killable(HZ / 50))
		;
	inside--;
	seq_puts(m, "block: patched\n");
	return 0;
}

static int patched_nap(struct seq_file *m, void *v)
{
	seq_puts(m, "nap: patched\n");
	return 0;
}

static int patched_late_show(struct seq_file *m, void *v)
{
	seq_puts(m, "late: patched\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "kptest_block",
		.new_func = patched_block,
	}, {
		.old_name = "kptest_nap",
		.new_func = patched_nap,
	}, { }
};

static struct klp_func late_funcs[] = {
	{
		.old_name = "kptest_late_show",
		.new_func = patched_late_show,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "kptest_target",
		.funcs = funcs,
	}, {
		.name = "kptest_late",
		.funcs = late_funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init kptest_block_init(void)
{
	patch.replace = replace;
	return klp_enable_patch(&patch);
}

static void __exit kptest_block_exit(void)
{
}

module_init(kptest_block_init);
module_exit(kptest_block_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: a patch of functions that block");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
