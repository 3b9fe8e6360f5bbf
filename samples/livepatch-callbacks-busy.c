// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-callbacks-busy: a module that stays inside the function to patch
 *
 * From the start a work item waits in busy_wait(), until 0 is written to the
 * parameter "busy" or the module is removed.  As long as a task is inside a
 * function that a patch replaces, this task stays with the old code, and the
 * patch's transition goes on: the patch is enabled, its pre_patch callbacks have
 * run, and the post_patch ones wait.
 *
 *   # insmod samples/livepatch-callbacks-busy.ko
 *   # insmod samples/livepatch-callbacks.ko
 *   # sleep 3
 *   # cat /sys/kernel/livepatch/livepatch_callbacks/transition
 *   1
 *   # dmesg | grep -o 'livepatch_callbacks: .*' | tail -n 2
 *   livepatch_callbacks: pre_patch vmlinux
 *   livepatch_callbacks: pre_patch livepatch_callbacks_busy (live)
 *   # echo 0 > /sys/module/livepatch_callbacks_busy/parameters/busy
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_callbacks/transition; do sleep 1; done
 *   # dmesg | grep -o 'livepatch_callbacks: .*' | tail -n 2
 *   livepatch_callbacks: post_patch vmlinux
 *   livepatch_callbacks: post_patch livepatch_callbacks_busy (live)
 *   # echo 0 > /sys/kernel/livepatch/livepatch_callbacks/enabled
 *   # until rmmod livepatch_callbacks 2>/dev/null; do sleep 1; done
 *   # rmmod livepatch_callbacks_busy
 *
 * See livepatch-callbacks.c.
 */
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static bool busy = true;
static DECLARE_WAIT_QUEUE_HEAD(busy_changed);
static DECLARE_COMPLETION(busy_started);

static noinline __noclone void busy_wait(void)
{
	complete(&busy_started);
	/* Interruptible, since a wait that has no end in sight is no hang. */
	while (wait_event_interruptible(busy_changed, !busy))
		continue;
}

static void busy_work_func(struct work_struct *work)
{
	busy_wait();
	complete(&busy_started);	/* for a busy_wait() that is patched */
}

static DECLARE_WORK(busy_work, busy_work_func);

static void busy_end(void)
{
	busy = false;
	wake_up(&busy_changed);
	flush_work(&busy_work);
}

static int busy_set(const char *val, const struct kernel_param *kp)
{
	int on, ret = kstrtoint(val, 0, &on);

	if (ret)
		return ret;
	if (on)		/* once only */
		return -EINVAL;
	busy_end();
	return 0;
}

static const struct kernel_param_ops busy_ops = {
	.set = busy_set,
	.get = param_get_bool,
};
module_param_cb(busy, &busy_ops, &busy, 0644);
MODULE_PARM_DESC(busy, "write 0 to let the work item end");

static int __init livepatch_callbacks_busy_init(void)
{
	schedule_work(&busy_work);
	wait_for_completion(&busy_started);
	return 0;
}

static void __exit livepatch_callbacks_busy_exit(void)
{
	busy_end();
}

module_init(livepatch_callbacks_busy_init);
module_exit(livepatch_callbacks_busy_exit);
MODULE_DESCRIPTION("Livepatch sample: a module that is busy in the function to patch");
MODULE_LICENSE("GPL");
