// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-shadow-fix1: new data for old structs
 *
 * The leak of livepatch-shadow-mod is that a session does not remember its log.
 * In the source the fix is one more field in struct session.  In a running
 * kernel that struct cannot grow: sessions of the old size exist, and code that
 * is not patched allocates and reads them.  A *shadow variable* is that field:
 * a value that is found by its parent's address and an id.
 *
 *   # insmod samples/livepatch-shadow-mod.ko
 *   # echo 2 > /sys/module/livepatch_shadow_mod/parameters/open
 *   # insmod samples/livepatch-shadow-fix1.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_shadow_fix1/transition; do sleep 1; done
 *   # echo 3 > /sys/module/livepatch_shadow_mod/parameters/open
 *   # cat /sys/module/livepatch_shadow_mod/parameters/logs
 *   5
 *   # echo 5 > /sys/module/livepatch_shadow_mod/parameters/close
 *   # cat /sys/module/livepatch_shadow_mod/parameters/logs
 *   2
 *   # echo 0 > /sys/kernel/livepatch/livepatch_shadow_fix1/enabled
 *   # until rmmod livepatch_shadow_fix1 2>/dev/null; do sleep 1; done
 *   # rmmod livepatch_shadow_mod
 *
 * The three sessions opened with the fix gave their logs back.  The two from
 * before have no shadow variable, and their logs stay lost: a patch must cope
 * with objects that it has not seen being born.
 *
 * Sessions that are still open when this patch is disabled lose their shadow
 * variable, and their logs leak again.  livepatch-shadow-fix2.c does better.
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
 * No task is in this patch any more.  The variables of sessions that are still
 * open go: nobody would free them, and a later session may get their address.
 * The logs of those sessions are lost then.
 */
static void forget_shadows(struct klp_object *obj)
{
	klp_shadow_free_all(SHADOW_SESSION_LOG, NULL);
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
			/* not called when another patch replaces this one */
			.post_unpatch = forget_shadows,
		},
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_shadow_fix1_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_shadow_fix1_exit(void)
{
}

module_init(livepatch_shadow_fix1_init);
module_exit(livepatch_shadow_fix1_exit);
MODULE_DESCRIPTION("Livepatch sample: fix a leak with a shadow variable");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
