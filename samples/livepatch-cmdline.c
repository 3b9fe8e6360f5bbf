// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-cmdline: the smallest patch
 *
 * One function of the running kernel, cmdline_proc_show(), is replaced by one
 * in this module.  What every patch has is all here: the new function with the
 * type of the old one, a table that goes patch -> object -> function, and one
 * call to hand it over.  From then on the kernel's copy is left at its first
 * instruction, in favour of ours, and stays as it was for the way back.
 *
 *   # insmod samples/livepatch-cmdline.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_cmdline/transition; do sleep 1; done
 *   # cat /proc/cmdline
 *   livepatch-cmdline: this line comes from a module
 *   # cat /sys/kernel/livepatch/livepatch_cmdline/enabled
 *   1
 *   # echo 0 > /sys/kernel/livepatch/livepatch_cmdline/enabled
 *   # until rmmod livepatch_cmdline 2>/dev/null; do sleep 1; done
 *   # grep -c livepatch-cmdline: /proc/cmdline
 *   0
 *
 * The two loops wait: loading or disabling a patch only starts a *transition*,
 * in which each task moves to the new code when none of the patched functions
 * is on its stack.  It takes a second or two.  The module can be removed when
 * no task can be inside its code any more.
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static int kp_cmdline_show(struct seq_file *m, void *v)
{
	seq_puts(m, "livepatch-cmdline: this line comes from a module\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = kp_cmdline_show,
	}, { }
};

static struct klp_object objs[] = {
	{
		/* no name: these functions are the kernel's own */
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_cmdline_init(void)
{
	return klp_enable_patch(&patch);
}

/* Runs only after the patch was disabled: there is nothing left to do. */
static void __exit livepatch_cmdline_exit(void)
{
}

module_init(livepatch_cmdline_init);
module_exit(livepatch_cmdline_exit);
MODULE_DESCRIPTION("Livepatch sample: replace one function");
MODULE_LICENSE("GPL");
/* Marks the module as a patch: the kernel is tainted, modinfo shows it. */
MODULE_INFO(livepatch, "Y");
