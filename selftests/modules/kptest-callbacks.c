// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-callbacks: a patch whose pre-patch callback can be made to fail
 *
 * It has callbacks for vmlinux and for kptest_target and tells each call.
 */

#include "kptest-patch.h"

#include <linux/seq_file.h>
#include <linux/string.h>

static int pre_patch_ret;
module_param(pre_patch_ret, int, 0644);
MODULE_PARM_DESC(pre_patch_ret, "what the pre-patch callback returns");

static char *ret_for = "";
module_param(ret_for, charp, 0444);
MODULE_PARM_DESC(ret_for, "for which object only (vmlinux, kptest_target)");

static const char *object_name(const struct klp_object *obj)
{
	return obj->name ? obj->name : "vmlinux";
}

static int pre_patch_callback(struct klp_object *obj)
{
	const char *name = object_name(obj);

	pr_info("%s: %s\n", __func__, name);
	if (ret_for[0] && strcmp(ret_for, name))
		return 0;
	return pre_patch_ret;
}

static void post_patch_callback(struct klp_object *obj)
{
	pr_info("%s: %s\n", __func__, object_name(obj));
}

static void pre_unpatch_callback(struct klp_object *obj)
{
	pr_info("%s: %s\n", __func__, object_name(obj));
}

static void post_unpatch_callback(struct klp_object *obj)
{
	pr_info("%s: %s\n", __func__, object_name(obj));
}

static int patched_hello_show(struct seq_file *m, void *v)
{
	seq_puts(m, "hello: patched with callbacks\n");
	return 0;
}

static struct klp_func no_funcs[] = {
	{ }
};

static struct klp_func funcs[] = {
	{
		.old_name = "kptest_hello_show",
		.new_func = patched_hello_show,
	}, { }
};

#define KPTEST_CALLBACKS {			\
	.pre_patch = pre_patch_callback,	\
	.post_patch = post_patch_callback,	\
	.pre_unpatch = pre_unpatch_callback,	\
	.post_unpatch = post_unpatch_callback,	\
}

static struct klp_object objs[] = {
	{
		.name = NULL,	/* vmlinux */
		.funcs = no_funcs,
		.callbacks = KPTEST_CALLBACKS,
	}, {
		.name = "kptest_target",
		.funcs = funcs,
		.callbacks = KPTEST_CALLBACKS,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init kptest_callbacks_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit kptest_callbacks_exit(void)
{
}

module_init(kptest_callbacks_init);
module_exit(kptest_callbacks_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: callbacks that can fail");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
