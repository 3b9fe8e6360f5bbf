// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-replace: one patch in place of all earlier ones
 *
 * Patches pile up: livepatch-cmdline, then livepatch-meminfo, then a correction
 * of the first.  Each works with the others only in some orders.  A *cumulative*
 * patch ends that: it contains all changes that shall be in force from now on,
 * and with .replace set it takes over from every other patch, in one transition.
 * At no time is a function without its fix, and what is not in this patch goes
 * back to the kernel's own code.  The replaced modules can be removed.
 *
 *   # insmod samples/livepatch-cmdline.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_cmdline/transition; do sleep 1; done
 *   # insmod samples/livepatch-meminfo.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_meminfo/transition; do sleep 1; done
 *   # ls /sys/kernel/livepatch
 *   livepatch_cmdline
 *   livepatch_meminfo
 *   # insmod samples/livepatch-replace.ko
 *   # until rmmod livepatch_cmdline 2>/dev/null; do sleep 1; done
 *   # until rmmod livepatch_meminfo 2>/dev/null; do sleep 1; done
 *   # ls /sys/kernel/livepatch
 *   livepatch_replace
 *   # cat /proc/cmdline
 *   livepatch-replace: this line comes from the cumulative patch
 *   # grep -i vmallocchunk /proc/meminfo
 *   VMALLOCCHUNK:          0 kB
 *   # echo 0 > /sys/kernel/livepatch/livepatch_replace/enabled
 *   # until rmmod livepatch_replace 2>/dev/null; do sleep 1; done
 *   # grep -i vmallocchunk /proc/meminfo
 *   VmallocChunk:          0 kB
 *
 * There is no way back to the two: disabling this patch leaves the kernel
 * unpatched.  To undo a cumulative patch, load the one before it again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include "meminfo-show.h"

/* The correction of livepatch-cmdline. */
static int kp_cmdline_show(struct seq_file *m, void *v)
{
	seq_puts(m, "livepatch-replace: this line comes from the cumulative patch\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = kp_cmdline_show,
	}, {
		/* nothing new about this one, but it would be gone without */
		.old_name = "meminfo_proc_show",
		.new_func = kp_meminfo_show,
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
	.replace = true,
};

static int __init livepatch_replace_init(void)
{
	int ret = meminfo_prepare();

	return ret ?: klp_enable_patch(&patch);
}

static void __exit livepatch_replace_exit(void)
{
}

module_init(livepatch_replace_init);
module_exit(livepatch_replace_exit);
MODULE_DESCRIPTION("Livepatch sample: replace all earlier patches");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
