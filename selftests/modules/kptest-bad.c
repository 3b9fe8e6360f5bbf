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
MODULE_PARM_DESC(defect, "none, or what is wrong: see break_patch()");

static int second;
module_param(second, int, 0444);
MODULE_PARM_DESC(second, "what enabling it a second time has returned");

static int patched_show(struct seq_file *m, void *v)
{
	seq_puts(m, "replaced by kptest_bad\n");
	return 0;
}

/* room for a second one, which is not used unless that is the defect */
static struct klp_func funcs[] = {
	{
		.new_func = patched_show,
	}, { }, { }
};

static struct klp_object objs[] = {
	{
		.funcs = funcs,
	}, { }, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static struct klp_object no_objs[] = {
	{ }
};

static struct klp_patch other_patch = {
	.mod = THIS_MODULE,
	.objs = no_objs,
};

/* longer than any name can be */
static char long_name[600];

static bool is_defect(const char *name)
{
	return !strcmp(defect, name);
}

static bool break_object(struct klp_object *obj)
{
	if (is_defect("no-funcs"))
		obj->funcs = NULL;
	else if (is_defect("long-object"))
		obj->name = long_name;
	else if (is_defect("empty-object"))
		obj->name = "";
	else if (is_defect("twice-object"))
		objs[1] = *obj;
	else
		return false;
	return true;
}

static bool break_func(struct klp_func *func)
{
	if (is_defect("no-old-name"))
		func->old_name = NULL;
	else if (is_defect("empty-old-name"))
		func->old_name = "";
	else if (is_defect("long-old-name"))
		func->old_name = long_name;
	else if (is_defect("no-new-func"))
		func->new_func = NULL;
	else if (is_defect("no-code"))
		func->new_func = (void *)1;
	else if (is_defect("twice-func"))
		funcs[1] = *func;
	else if (is_defect("twice-func-sympos"))
		funcs[1] = (struct klp_func) {
			.old_name = func->old_name,
			.new_func = func->new_func,
			.old_sympos = 1,
		};
	else
		return false;
	return true;
}

static bool break_patch(void)
{
	if (is_defect("no-module"))
		patch.mod = NULL;
	else if (is_defect("empty"))
		patch.objs = no_objs;
	else if (is_defect("no-objects"))
		patch.objs = NULL;
	else
		return break_object(&objs[0]) || break_func(&funcs[0]);
	return true;
}

static int __init kptest_bad_init(void)
{
	bool twice = is_defect("enabled-twice");
	bool two = is_defect("two-patches");
	int ret;

	memset(long_name, 'x', sizeof(long_name) - 1);
	if (strcmp(object, "vmlinux"))
		objs[0].name = object;
	funcs[0].old_name = function;
	funcs[0].old_sympos = sympos;

	if (is_defect("no-patch"))
		return klp_enable_patch(NULL);
	if (!is_defect("none") && !twice && !two && !break_patch())
		return -EDOM;	/* no errno of klp_enable_patch() */

	ret = klp_enable_patch(&patch);
	if (!ret && (twice || two))
		second = klp_enable_patch(twice ? &patch : &other_patch);
	return ret;
}

static void __exit kptest_bad_exit(void)
{
}

module_init(kptest_bad_init);
module_exit(kptest_bad_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: wrong patches");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
