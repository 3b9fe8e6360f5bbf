// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-cmdline: the smallest patch for kpatch.ko
 *
 * One function of the running kernel, cmdline_proc_show(), is replaced by one
 * in this module.  The tables are those of livepatch-cmdline, as linked lists
 * with sizes: patch -> object -> function.  The engine needs the sizes to see
 * whether some task is inside of a function at the moment; where they are 0 it
 * takes what kallsyms says.
 *
 *   # insmod core/kpatch.ko
 *   # insmod samples/kpatch-cmdline.ko
 *   # cat /proc/cmdline
 *   kpatch-cmdline: this line comes from a module
 *   # cat /sys/kernel/kpatch/kpatch_cmdline/enabled
 *   1
 *   # echo 0 > /sys/kernel/kpatch/kpatch_cmdline/enabled
 *   # rmmod kpatch_cmdline
 *   # grep -c kpatch-cmdline: /proc/cmdline
 *   0
 *
 * No loop waits here: insmod and echo return when the switch is complete, or
 * fail, and then nothing has changed.
 */
#include <linux/module.h>
#include <linux/seq_file.h>

#include "kpatch-enabled.h"

static int kp_cmdline_show(struct seq_file *m, void *v)
{
	seq_puts(m, "kpatch-cmdline: this line comes from a module\n");
	return 0;
}

static struct kpatch_func func = {
	.name = "cmdline_proc_show",
	.new_addr = (unsigned long)kp_cmdline_show,
};

static struct kpatch_object object = {
	.name = "vmlinux",
	.funcs = LIST_HEAD_INIT(object.funcs),
	.dynrelas = LIST_HEAD_INIT(object.dynrelas),
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static int __init kpatch_cmdline_init(void)
{
	list_add_tail(&func.list, &object.funcs);
	list_add_tail(&object.list, &kpmod.objects);
	return kpatch_sample_init(&kpmod);
}

static void __exit kpatch_cmdline_exit(void)
{
	kpatch_sample_exit(&kpmod);
}

module_init(kpatch_cmdline_init);
module_exit(kpatch_cmdline_exit);
MODULE_DESCRIPTION("kpatch sample: replace one function");
MODULE_LICENSE("GPL");
