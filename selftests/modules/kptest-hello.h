/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A patch for kptest-target's "hello".  kptest-hello-*.c are the same patch
 * under several names, because a name can be loaded only once: each defines
 * KPTEST_WHO and KPTEST_REPLACE and includes this file.
 */

#include "kptest-patch.h"

#include <linux/seq_file.h>

static int patched_hello_show(struct seq_file *m, void *v)
{
	seq_puts(m, "hello: patched by " KPTEST_WHO "\n");
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
	.replace = KPTEST_REPLACE,
};

static int __init kptest_hello_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit kptest_hello_exit(void)
{
}

module_init(kptest_hello_init);
module_exit(kptest_hello_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: a patch of one function");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
