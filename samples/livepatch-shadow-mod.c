// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-shadow-mod: a module with a leak
 *
 * Writing a number to the parameter "open" opens so many sessions, writing one
 * to "close" closes the oldest so many; "sessions" tells how many are open.
 * Each session has a log, and nobody frees it: "logs" counts those that exist.
 *
 *   # insmod samples/livepatch-shadow-mod.ko
 *   # echo 3 > /sys/module/livepatch_shadow_mod/parameters/open
 *   # echo 3 > /sys/module/livepatch_shadow_mod/parameters/close
 *   # cat /sys/module/livepatch_shadow_mod/parameters/sessions
 *   0
 *   # cat /sys/module/livepatch_shadow_mod/parameters/logs
 *   3
 *   # rmmod livepatch_shadow_mod
 *
 * That memory is lost until the next boot: nobody knows where it is.  See
 * livepatch-shadow-fix1.c and livepatch-shadow-fix2.c for the cure.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "livepatch-shadow.h"

static struct session_table table = {
	.sessions = LIST_HEAD_INIT(table.sessions),
};

static DEFINE_MUTEX(table_lock);	/* guards the list */

/*
 * These two get replaced.  The compiler must leave them as functions of this
 * name and type, or there is nothing to replace.  The attributes see to that;
 * who patches code without them has to look at the object file.
 */
static noinline __noclone struct session *
session_open(struct session_table *table)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);
	struct session_log *log = kzalloc(sizeof(*log), GFP_KERNEL);

	if (!session || !log) {
		kfree(session);
		kfree(log);
		return NULL;
	}
	atomic_inc(&table->logs);
	snprintf(log->text, sizeof(log->text), "opened by %s", current->comm);
	log->table = table;
	return session;		/* and nothing remembers the log */
}

static noinline __noclone void session_close(struct session *session)
{
	kfree(session);
}

static int sessions_open(unsigned int n)
{
	struct session *session;
	int ret = 0;

	mutex_lock(&table_lock);
	while (n--) {
		session = session_open(&table);
		if (!session) {
			ret = -ENOMEM;
			break;
		}
		list_add_tail(&session->list, &table.sessions);
		atomic_inc(&table.count);
	}
	mutex_unlock(&table_lock);
	return ret;
}

static void sessions_close(unsigned int n)
{
	struct session *session;

	mutex_lock(&table_lock);
	while (n-- && !list_empty(&table.sessions)) {
		session = list_first_entry(&table.sessions, struct session, list);
		list_del(&session->list);
		session_close(session);
		atomic_dec(&table.count);
	}
	mutex_unlock(&table_lock);
}

static int open_set(const char *val, const struct kernel_param *kp)
{
	unsigned int n;
	int ret = kstrtouint(val, 0, &n);

	return ret ?: sessions_open(n);
}

static int close_set(const char *val, const struct kernel_param *kp)
{
	unsigned int n;
	int ret = kstrtouint(val, 0, &n);

	if (!ret)
		sessions_close(n);
	return ret;
}

static const struct kernel_param_ops open_ops = {
	.set = open_set,
};
module_param_cb(open, &open_ops, NULL, 0200);
MODULE_PARM_DESC(open, "open so many sessions");

static const struct kernel_param_ops close_ops = {
	.set = close_set,
};
module_param_cb(close, &close_ops, NULL, 0200);
MODULE_PARM_DESC(close, "close the oldest so many sessions");

module_param_named(sessions, table.count.counter, int, 0444);
MODULE_PARM_DESC(sessions, "sessions that are open");
module_param_named(logs, table.logs.counter, int, 0444);
MODULE_PARM_DESC(logs, "logs that are allocated");

static int __init livepatch_shadow_mod_init(void)
{
	return 0;
}

static void __exit livepatch_shadow_mod_exit(void)
{
	sessions_close(UINT_MAX);
}

module_init(livepatch_shadow_mod_init);
module_exit(livepatch_shadow_mod_exit);
MODULE_DESCRIPTION("Livepatch sample: a module with a leak");
MODULE_LICENSE("GPL");
