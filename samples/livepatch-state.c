// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-state: what a patch changes besides functions, version 1
 *
 * Callbacks change the system: they allocate, register, set.  When a cumulative
 * patch replaces this one, this one's callbacks do not run any more, and only
 * the new one's do.  It has to know what it takes over.  So a patch declares
 * what it has changed: klp_state, an id with a version, and a data pointer.  A
 * patch that replaces it must declare every id, in the same or a later version,
 * or the kernel refuses it.
 *
 * This first patch counts the readers of /proc/version.
 *
 *   # insmod samples/livepatch-state.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_state/transition; do sleep 1; done
 *   # cat /proc/version
 *   livepatch-state: read 1 times
 *   # cat /proc/version
 *   livepatch-state: read 2 times
 *   # insmod samples/livepatch-state-alien.ko 2>/dev/null || echo refused
 *   refused
 *   # cat /proc/version
 *   livepatch-state: read 3 times
 *   # echo 0 > /sys/kernel/livepatch/livepatch_state/enabled
 *   # until rmmod livepatch_state 2>/dev/null; do sleep 1; done
 *   # cut -d ' ' -f 1-2 /proc/version
 *   Linux version
 *
 * Two successors: livepatch-state-v2.c is compatible, livepatch-state-alien.c
 * is not.
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "livepatch-state.h"

static struct version_reads *reads;

static int kp_version_show(struct seq_file *m, void *v)
{
	seq_printf(m, "livepatch-state: read %d times\n",
		   atomic_inc_return(&reads->all));
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

	reads = kzalloc(sizeof(*reads), GFP_KERNEL);
	if (!reads)
		return -ENOMEM;
	state->data = reads;		/* here a successor finds it */
	return 0;
}

/* Not called when this patch was replaced: then it is not ours any more. */
static void post_unpatch(struct klp_object *obj)
{
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
		.version = 1,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.states = states,
	.replace = true,
};

static int __init livepatch_state_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_state_exit(void)
{
}

module_init(livepatch_state_init);
module_exit(livepatch_state_exit);
MODULE_DESCRIPTION("Livepatch sample: system state, version 1");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
