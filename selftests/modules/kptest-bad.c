// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-bad: a patch that can be wrong in many ways
 *
 * Without parameters it is a good one: it replaces kptest_hello_show() of
 * kptest_target.
 */

#include "kptest-patch.h"

#include <linux/errno.h>
#include <linux/seq_file.h>
#include <linux/string.h>

static char *object = "kptest_target";
module_param(object, charp, 0444);
MODULE_PARM_DESC(object, "name of the module to patch, or vmlinux");

static char *function = "kptest_hello_show";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "name of the function to replace");

static unsigned long sympos;
module_param(sympos, ulong, 0444);
MODULE_PARM_DESC(sympos, "which one of several functions of that name");

static char *defect = "none";
module_param(defect, charp, 0444);
MODULE_PARM_DESC(defect, "none, no-patch, no-module, no-objects, no-funcs, no-old-name or no-new-func");

static int patched_show(struct seq_file *m, void *v)
{
	seq_puts(m, "replaced by kptest_bad\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.new_func = patched_show,
	}, { }
};

static struct klp_object objs[] = {
	{
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static bool is_defect(const char *name)
{
	return !strcmp(defect, name);
}

static int __init kptest_bad_init(void)
{
	if (strcmp(object, "vmlinux"))
		objs[0].name = object;
	funcs[0].old_name = function;
	funcs[0].old_sympos = sympos;

	if (is_defect("no-patch"))
		return klp_enable_patch(NULL);
	if (is_defect("no-module"))
		patch.mod = NULL;
	else if (is_defect("no-objects"))
		patch.objs = NULL;
	else if (is_defect("no-funcs"))
		objs[0].funcs = NULL;
	else if (is_defect("no-old-name"))
		funcs[0].old_name = "";
	else if (is_defect("no-new-func"))
		funcs[0].new_func = NULL;
	else if (!is_defect("none"))
		return -EDOM;	/* no errno of klp_enable_patch() */

	return klp_enable_patch(&patch);
}

static void __exit kptest_bad_exit(void)
{
}

module_init(kptest_bad_init);
module_exit(kptest_bad_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: wrong patches");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
