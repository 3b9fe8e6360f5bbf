// SPDX-License-Identifier: GPL-2.0
/* A patch for kpatch-test-spin. */
#include <linux/kernel.h>
#include <linux/module.h>

#include "kpatch-test-spin.h"
#include "../../samples/kpatch-enabled.h"

static noinline long ks_new_f(long a, long b, long c, long d, long e, long f,
			      long g, long h)
{
	return a + b + c + d + e + f + g + h + KS_NEW;
}

static struct kpatch_func func = {
	.name = "ks_f",
	.new_addr = (unsigned long)ks_new_f,
};

static struct kpatch_object object = {
	.name = "kpatch_test_spin",
	.funcs = LIST_HEAD_INIT(object.funcs),
	.dynrelas = LIST_HEAD_INIT(object.dynrelas),
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static int __init ks_patch_init(void)
{
	list_add_tail(&func.list, &object.funcs);
	list_add_tail(&object.list, &kpmod.objects);
	return kpatch_sample_init(&kpmod);
}

static void __exit ks_patch_exit(void)
{
	kpatch_sample_exit(&kpmod);
}

module_init(ks_patch_init);
module_exit(ks_patch_exit);
MODULE_DESCRIPTION("A patch for kpatch-test-spin");
MODULE_LICENSE("GPL");
