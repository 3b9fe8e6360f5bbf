// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-state-alien: a successor that knows nothing of the state
 *
 * A cumulative patch from another series.  On its own it is as good as any.  In
 * place of livepatch-state it would leak what that one has allocated, as nobody
 * would be left who knows of it.  The kernel sees that from the states, before
 * anything has happened, and refuses to enable it.
 *
 *   # insmod samples/livepatch-state.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_state/transition; do sleep 1; done
 *   # insmod samples/livepatch-state-alien.ko 2>/dev/null || echo refused
 *   refused
 *   # dmesg | grep -o 'is not compatible.*' | tail -n 1
 *   is not compatible with the already installed livepatches.
 *   # echo 0 > /sys/kernel/livepatch/livepatch_state/enabled
 *   # until rmmod livepatch_state 2>/dev/null; do sleep 1; done
 *   # insmod samples/livepatch-state-alien.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_state_alien/transition; do sleep 1; done
 *   # cat /proc/version
 *   livepatch-state-alien: nobody counts
 *   # echo 0 > /sys/kernel/livepatch/livepatch_state_alien/enabled
 *   # until rmmod livepatch_state_alien 2>/dev/null; do sleep 1; done
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static int kp_version_show(struct seq_file *m, void *v)
{
	seq_puts(m, "livepatch-state-alien: nobody counts\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "version_proc_show",
		.new_func = kp_version_show,
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
	.replace = true,	/* and no .states */
};

static int __init livepatch_state_alien_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_state_alien_exit(void)
{
}

module_init(livepatch_state_alien_init);
module_exit(livepatch_state_alien_exit);
MODULE_DESCRIPTION("Livepatch sample: a patch that does not know the system state");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
