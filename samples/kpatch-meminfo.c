// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-meminfo: a replacement that needs what the kernel does not export
 *
 * The patch of livepatch-meminfo, one label of /proc/meminfo, for kpatch.ko.
 * What differs is where the addresses of unexported symbols come from: from
 * dynrelas, see kpatch-dynrela.h.  They are there when the pre-patch callback
 * runs, which then sees that the replacement prints what the original prints,
 * and refuses the patch if it does not.
 *
 *   # insmod core/kpatch.ko
 *   # grep -i vmallocchunk /proc/meminfo
 *   VmallocChunk:          0 kB
 *   # insmod samples/kpatch-meminfo.ko
 *   # grep -i vmallocchunk /proc/meminfo
 *   VMALLOCCHUNK:          0 kB
 *   # echo 0 > /sys/kernel/kpatch/kpatch_meminfo/enabled
 *   # rmmod kpatch_meminfo
 *   # grep -i vmallocchunk /proc/meminfo
 *   VmallocChunk:          0 kB
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>

#include "kpatch-enabled.h"
#include "kpatch-dynrela.h"
#include "meminfo-show.h"

static struct kpatch_func func = {
	.name = "meminfo_proc_show",
	.new_addr = (unsigned long)kp_meminfo_show,
};

static int meminfo_pre_patch(struct kpatch_object *obj)
{
	return meminfo_prepare();
}

static struct kpatch_object object = {
	.name = "vmlinux",
	.funcs = LIST_HEAD_INIT(object.funcs),
	.dynrelas = LIST_HEAD_INIT(object.dynrelas),
	.pre_patch_callback = meminfo_pre_patch,
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static int __init kpatch_meminfo_init(void)
{
	int i;

	find_meminfo_proc_show();
	for (i = 0; i < ARRAY_SIZE(meminfo_lines); i++)
		if (meminfo_lines[i].find)
			meminfo_lines[i].find();
	list_splice_init(&dynrelas, &object.dynrelas);

	list_add_tail(&func.list, &object.funcs);
	list_add_tail(&object.list, &kpmod.objects);
	return kpatch_sample_init(&kpmod);
}

static void __exit kpatch_meminfo_exit(void)
{
	kpatch_sample_exit(&kpmod);
}

module_init(kpatch_meminfo_init);
module_exit(kpatch_meminfo_exit);
MODULE_DESCRIPTION("kpatch sample: replace a function that uses unexported symbols");
MODULE_LICENSE("GPL");
