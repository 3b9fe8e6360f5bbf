// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-meminfo: a replacement that needs what the kernel does not export
 *
 * One label of /proc/meminfo changes, VmallocChunk to VMALLOCCHUNK.  Nothing
 * else does, not a byte: only numbers move, as they do anyway.
 *
 *   # grep -i vmallocchunk /proc/meminfo
 *   VmallocChunk:          0 kB
 *   # insmod samples/livepatch-meminfo.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_meminfo/transition; do sleep 1; done
 *   # grep -i vmallocchunk /proc/meminfo
 *   VMALLOCCHUNK:          0 kB
 *   # echo 0 > /sys/kernel/livepatch/livepatch_meminfo/enabled
 *   # until rmmod livepatch_meminfo 2>/dev/null; do sleep 1; done
 *   # grep -i vmallocchunk /proc/meminfo
 *   VmallocChunk:          0 kB
 *
 * It would be short to let the old function print and then change the label in
 * the seq_file's buffer.  But a replacement cannot call what it replaces: the
 * call goes to the old function's entry, where ftrace sends it straight to the
 * replacement, again and again until the stack ends.  (Entering behind the
 * ftrace site is no way out: another patch, or a kprobe, is then bypassed.)
 * So a livepatch carries the *whole* function, and with it the function's need
 * for symbols that modules cannot link to, like vm_commit_limit().
 *
 * unexported.h shows how a hand-written patch gets those, and why so.
 * meminfo-show.h holds the function: one table, a line of it for each line of
 * /proc/meminfo.  It checks itself against the original before the patch is
 * enabled: at that moment the original can still be called.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include "meminfo-show.h"

static struct klp_func funcs[] = {
	{
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
};

static int __init livepatch_meminfo_init(void)
{
	int ret = meminfo_prepare();

	return ret ?: klp_enable_patch(&patch);
}

static void __exit livepatch_meminfo_exit(void)
{
}

module_init(livepatch_meminfo_init);
module_exit(livepatch_meminfo_exit);
MODULE_DESCRIPTION("Livepatch sample: replace a function that uses unexported symbols");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
