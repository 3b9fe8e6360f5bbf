// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-state-v2: a successor that takes over the state
 *
 * It knows what livepatch-state has left and goes on with it: the count does
 * not start again.  It can as well be the first patch on a system, and it comes
 * to an end in three ways; see pre_patch() and post_unpatch().
 *
 *   # insmod samples/livepatch-state.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_state/transition; do sleep 1; done
 *   # cat /proc/version
 *   livepatch-state: read 1 times
 *   # insmod samples/livepatch-state-v2.ko
 *   # until rmmod livepatch_state 2>/dev/null; do sleep 1; done
 *   # cat /proc/version
 *   livepatch-state-v2: read 2 times, 1 of them by root
 *   # insmod samples/livepatch-state.ko 2>/dev/null || echo refused
 *   refused
 *   # dmesg | grep -o 'is not compatible.*' | tail -n 1
 *   is not compatible with the already installed livepatches.
 *   # echo 0 > /sys/kernel/livepatch/livepatch_state_v2/enabled
 *   # until rmmod livepatch_state_v2 2>/dev/null; do sleep 1; done
 *
 * There is no way back to version 1: it would not understand the state.
 */
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include "livepatch-state.h"

static struct version_reads *reads;

static int kp_version_show(struct seq_file *m, void *v)
{
	if (uid_eq(current_uid(), GLOBAL_ROOT_UID))
		atomic_inc(&reads->by_root);
	seq_printf(m, "livepatch-state-v2: read %d times, %d of them by root\n",
		   atomic_inc_return(&reads->all),
		   atomic_read(&reads->by_root));
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "version_proc_show",
		.new_func = kp_version_show,
	}, { }
};

static struct klp_patch patch;

static int pre_patch(struct klp_object *obj)
{
	struct klp_state *state = klp_get_state(&patch, STATE_VERSION_READS);
	struct klp_state *old = klp_get_prev_state(STATE_VERSION_READS);

	if (old) {
		/*
		 * Look, but do not change: the old patch works with it until
		 * the transition ends, or for ever if that gets reversed.
		 */
		reads = old->data;
	} else {
		reads = kzalloc(sizeof(*reads), GFP_KERNEL);
		if (!reads)
			return -ENOMEM;
	}
	state->data = reads;
	return 0;
}

static void post_unpatch(struct klp_object *obj)
{
	/* The transition from the old patch was reversed: still the old one's. */
	if (klp_get_prev_state(STATE_VERSION_READS))
		return;
	kfree(reads);
}

static struct klp_object objs[] = {
	{
		.funcs = funcs,
		.callbacks = {
			.pre_patch = pre_patch,
			.post_unpatch = post_unpatch,
		},
	}, { }
};

static struct klp_state states[] = {
	{
		.id = STATE_VERSION_READS,
		.version = 2,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.states = states,
	.replace = true,
};

static int __init livepatch_state_v2_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_state_v2_exit(void)
{
}

module_init(livepatch_state_v2_init);
module_exit(livepatch_state_v2_exit);
MODULE_DESCRIPTION("Livepatch sample: system state, version 2");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
