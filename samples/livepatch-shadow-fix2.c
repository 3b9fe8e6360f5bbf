// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-shadow-fix2: a patch that takes its data along
 *
 * The successor of livepatch-shadow-fix1, which it replaces.  It goes on with
 * the shadow variables that fix1 has attached: id and type of a shadow variable
 * are a contract between all patches of a system.  And when it goes, it frees
 * those that are left, so that nothing of it stays behind in the kernel.
 *
 *   # insmod samples/livepatch-shadow-mod.ko
 *   # insmod samples/livepatch-shadow-fix1.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_shadow_fix1/transition; do sleep 1; done
 *   # echo 2 > /sys/module/livepatch_shadow_mod/parameters/open
 *   # insmod samples/livepatch-shadow-fix2.ko
 *   # until rmmod livepatch_shadow_fix1 2>/dev/null; do sleep 1; done
 *   # echo 2 > /sys/module/livepatch_shadow_mod/parameters/open
 *   # echo 1 > /sys/module/livepatch_shadow_mod/parameters/close
 *   # cat /sys/module/livepatch_shadow_mod/parameters/logs
 *   3
 *   # echo 0 > /sys/kernel/livepatch/livepatch_shadow_fix2/enabled
 *   # until rmmod livepatch_shadow_fix2 2>/dev/null; do sleep 1; done
 *   # cat /sys/module/livepatch_shadow_mod/parameters/sessions
 *   3
 *   # cat /sys/module/livepatch_shadow_mod/parameters/logs
 *   0
 *   # rmmod livepatch_shadow_mod
 *
 * Three sessions are still open at the end, and all logs have been freed.
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "livepatch-shadow.h"

/* Fills in a new shadow variable; ctor_data is what klp_shadow_alloc() got. */
static int shadow_log_ctor(void *obj, void *shadow_data, void *ctor_data)
{
	struct session_log **shadow = shadow_data;

	*shadow = ctor_data;
	return 0;
}

/*
 * Ends one.  Runs under a spinlock, so it must not sleep.  It must not look at
 * its session (obj) either, which may be gone: in a transition some tasks run
 * the old session_close().
 */
static void shadow_log_dtor(void *obj, void *shadow_data)
{
	struct session_log *log = *(struct session_log **)shadow_data;

	atomic_dec(&log->table->logs);
	kfree(log);
}

static struct session *kp_session_open(struct session_table *table)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);
	struct session_log *log = kzalloc(sizeof(*log), GFP_KERNEL);

	if (!session || !log)
		goto free_both;

	/* Such a session may have left its variable at this very address. */
	klp_shadow_free(session, SHADOW_SESSION_LOG, shadow_log_dtor);
	if (!klp_shadow_alloc(session, SHADOW_SESSION_LOG, sizeof(log),
			      GFP_KERNEL, shadow_log_ctor, log))
		goto free_both;
	log->table = table;
	atomic_inc(&table->logs);
	snprintf(log->text, sizeof(log->text), "opened by %s", current->comm);
	return session;

free_both:
	kfree(log);
	kfree(session);
	return NULL;
}

static void kp_session_close(struct session *session)
{
	/* does nothing if this session has none */
	klp_shadow_free(session, SHADOW_SESSION_LOG, shadow_log_dtor);
	kfree(session);
}

/*
 * No task is in this patch any more: no session gets a shadow variable, or looks
 * for one.  So all of them go, and what they own.  (This is also called when the
 * patch is reversed while it replaces fix1.  Sessions without a variable are
 * nothing new to fix1.)
 */
static void collect_garbage(struct klp_object *obj)
{
	klp_shadow_free_all(SHADOW_SESSION_LOG, shadow_log_dtor);
}

static struct klp_func funcs[] = {
	{
		.old_name = "session_open",
		.new_func = kp_session_open,
	}, {
		.old_name = "session_close",
		.new_func = kp_session_close,
	}, { }
};

static struct klp_object objs[] = {
	{
		/* patched when it loads, if it is not there yet */
		.name = "livepatch_shadow_mod",
		.funcs = funcs,
		.callbacks = {
			.post_unpatch = collect_garbage,
		},
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.replace = true,
};

static int __init livepatch_shadow_fix2_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_shadow_fix2_exit(void)
{
}

module_init(livepatch_shadow_fix2_init);
module_exit(livepatch_shadow_fix2_exit);
MODULE_DESCRIPTION("Livepatch sample: free all shadow variables in the end");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
