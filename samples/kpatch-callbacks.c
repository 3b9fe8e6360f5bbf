// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-callbacks: code that runs when a patch comes and goes
 *
 * Some fixes need more than new functions: a table to be converted, a flag to
 * be set.  An object of a patch has four callbacks for that, which run when the
 * object itself is there: for vmlinux with the patch, for a module also when it
 * is loaded or removed while the patch is on.  They may sleep.
 *
 *   # insmod core/kpatch.ko
 *   # insmod samples/kpatch-callbacks.ko
 *   # insmod samples/kpatch-shadow-mod.ko
 *   # rmmod kpatch_shadow_mod
 *   # echo 0 > /sys/kernel/kpatch/kpatch_callbacks/enabled
 *   # rmmod kpatch_callbacks
 *   # dmesg | grep -o 'kpatch_callbacks: .*' | tail -n 8
 *   kpatch_callbacks: pre-patch vmlinux
 *   kpatch_callbacks: post-patch vmlinux
 *   kpatch_callbacks: pre-patch kpatch_shadow_mod
 *   kpatch_callbacks: post-patch kpatch_shadow_mod
 *   kpatch_callbacks: pre-unpatch kpatch_shadow_mod
 *   kpatch_callbacks: post-unpatch kpatch_shadow_mod
 *   kpatch_callbacks: pre-unpatch vmlinux
 *   kpatch_callbacks: post-unpatch vmlinux
 *
 * The first one may refuse: with fail=1 it says -ENODEV, and insmod fails.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>

#include "kpatch-enabled.h"

static bool fail;
module_param(fail, bool, 0644);
MODULE_PARM_DESC(fail, "let the pre-patch callbacks refuse");

static int pre_patch(struct kpatch_object *obj)
{
	pr_info("pre-patch %s\n", obj->name);
	return fail ? -ENODEV : 0;
}

static void post_patch(struct kpatch_object *obj)
{
	pr_info("post-patch %s\n", obj->name);
}

static void pre_unpatch(struct kpatch_object *obj)
{
	pr_info("pre-unpatch %s\n", obj->name);
}

static void post_unpatch(struct kpatch_object *obj)
{
	pr_info("post-unpatch %s\n", obj->name);
}

static struct kpatch_object objects[] = {
	{ .name = "vmlinux" },
	{ .name = "kpatch_shadow_mod" },
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static int __init kpatch_callbacks_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		INIT_LIST_HEAD(&objects[i].funcs);
		INIT_LIST_HEAD(&objects[i].dynrelas);
		objects[i].pre_patch_callback = pre_patch;
		objects[i].post_patch_callback = post_patch;
		objects[i].pre_unpatch_callback = pre_unpatch;
		objects[i].post_unpatch_callback = post_unpatch;
		list_add_tail(&objects[i].list, &kpmod.objects);
	}
	return kpatch_sample_init(&kpmod);
}

static void __exit kpatch_callbacks_exit(void)
{
	kpatch_sample_exit(&kpmod);
}

module_init(kpatch_callbacks_init);
module_exit(kpatch_callbacks_exit);
MODULE_DESCRIPTION("kpatch sample: callbacks");
MODULE_LICENSE("GPL");
