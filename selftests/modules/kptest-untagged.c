// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-untagged: a patch that forgot MODULE_INFO(livepatch, "Y")
 */

#include "kptest-patch.h"

#include <linux/seq_file.h>

static int patched_hello_show(struct seq_file *m, void *v)
{
	seq_puts(m, "hello: patched by an untagged module\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "kptest_hello_show",
		.new_func = patched_hello_show,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "kptest_target",
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init kptest_untagged_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit kptest_untagged_exit(void)
{
}

module_init(kptest_untagged_init);
module_exit(kptest_untagged_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: a patch without its tag");
MODULE_LICENSE("GPL");
