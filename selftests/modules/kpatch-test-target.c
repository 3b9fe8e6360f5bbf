// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-test-target: what the patches of kpatch-test-*.c change, and a load
 * that watches them change.
 *
 * kt_outer() calls kt_f(), kt_g() and kt_h(), and a patch replaces all four:
 * whoever is inside of kt_outer() must get the other three in kt_outer()'s own
 * version.  The load calls it in tasks (some sleep or spin in the middle), in
 * work items, in tasklets (softirq), in hrtimers (hardirq) and in NMIs; who reads
 * call, sleep or spin in /sys/kernel/debug/kpatch_test calls it in that syscall.
 *
 *   calls    how many calls have been watched
 *   nmis     how many of them were made in NMIs
 *   syscalls how many of them were made in syscalls
 *   mixes    how many got functions of different versions.  No model may.
 *   mix      the first of them: the versions of kt_outer(), kt_f(), kt_g() and
 *	      kt_h(), preempt_count() and the task
 *   late     how many got the old version after somebody had got the new one.
 *	      Models that switch everybody at one instant must not.
 *   next     write the version that is about to come before each switch
 *
 *   version  what kt_g() returns
 *   outer    what kt_outer() returns
 *
 *   sleeper  write a kind: a task goes to sleep inside of kt_sleeper(), or seems
 *	      to (KT_MERE)
 *   asleep   how many are there
 *   release  write to it: they leave
 *
 *   hold_exit	the module's exit calls kt_sleeper() with KT_COLD, whose replacement
 *	      may stay there
 *   hold_init	the module's init counts as asleep, too, until release is written
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "kpatch-test.h"
#include "kpatch-test-nmi.h"
#include "../../core/compat/compat.h"

#define KT_MAX_THREADS	64

static unsigned int threads;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "tasks that call the functions");

static unsigned int period_us = 2000;
module_param(period_us, uint, 0444);
MODULE_PARM_DESC(period_us, "microseconds between two hrtimers; tasks call twice to four times as often");

static bool hold_exit;
module_param(hold_exit, bool, 0644);
MODULE_PARM_DESC(hold_exit, "exit calls kt_sleeper()");
static bool hold_init;
module_param(hold_init, bool, 0444);
MODULE_PARM_DESC(hold_init, "init waits for a write to release");

static atomic_t kt_calls = ATOMIC_INIT(0);
static atomic_t kt_syscalls = ATOMIC_INIT(0);
static atomic_t kt_mixes = ATOMIC_INIT(0);
static atomic_t kt_late = ATOMIC_INIT(0);
static atomic_t kt_asleep = ATOMIC_INIT(0);
static atomic_t kt_released = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(kt_wait);

/* What comes next: epoch << 16 | seen << 8 | version, in one word. */
static unsigned long kt_next;

/*
 * The functions.  Nothing in here may be inlined, cloned or merged, and their
 * callers must not know what they return.
 */
static int kt_original;

noinline __noclone int kt_f(void)
{
	return READ_ONCE(kt_original);
}
EXPORT_SYMBOL_GPL(kt_f);

noinline __noclone int kt_g(void)
{
	return READ_ONCE(kt_original);
}

noinline __noclone int kt_h(void)
{
	return READ_ONCE(kt_original);
}

/* One that ftrace does not know: nobody can redirect its calls. */
noinline __noclone int notrace kt_untraced(void)
{
	return READ_ONCE(kt_original);
}

/* Another name of the same function, of one that no test looks for by its name. */
asm(".set kt_alias, kt_h\n\t.type kt_alias, @function");

noinline __noclone int kt_outer(enum kt_pause pause)
{
	int f, g, h;

	f = kt_f();
	kt_pause(pause);
	g = kt_g();
	h = kt_h();
	return kt_verdict(0, f, g, h);
}

/* The watch. */

static void kt_saw(unsigned long before, int version)
{
	unsigned long now = READ_ONCE(kt_next);

	/* Another switch has begun meanwhile: nothing can be said. */
	if (now >> 16 != before >> 16)
		return;
	if (version == (int)(now & 0xff))
		cmpxchg(&kt_next, now, now | 1 << 8);
	else if (before & 1 << 8)
		atomic_inc(&kt_late);
}

/* The first mix. */
static struct {
	int versions;
	int preempt_count;
	char comm[TASK_COMM_LEN];
} kt_mix;

static void kt_saw_mix(int version)
{
	if (atomic_inc_return(&kt_mixes) > 1)
		return;
	kt_mix.versions = version & (KT_MIX - 1);
	kt_mix.preempt_count = preempt_count();
	memcpy(kt_mix.comm, current->comm, sizeof(kt_mix.comm) - 1);
}

static void kt_call(enum kt_pause pause)
{
	unsigned long before;
	int version;

	/* One call at one instant, as near as can be. */
	before = READ_ONCE(kt_next);
	smp_mb(); /* what was seen before comes before the call */
	version = kt_f();
	kt_saw(before, version);

	version = kt_outer(pause);
	if (version & KT_MIX)
		kt_saw_mix(version);
	atomic_inc(&kt_calls);
}

static int kt_thread(void *data)
{
	enum kt_pause pause = (enum kt_pause)(unsigned long)data;

	while (!kthread_should_stop()) {
		kt_call(pause);
		if (pause == KT_SLEEP)
			msleep(60);
		else
			usleep_range(period_us / 4, period_us / 2);
	}
	return 0;
}

static struct task_struct *kt_threads[KT_MAX_THREADS];
static struct delayed_work kt_work;
static struct hrtimer kt_hrtimer;
static struct tasklet_struct kt_tasklet;

static void kt_work_fn(struct work_struct *work)
{
	kt_call(KT_SLEEP);
	schedule_delayed_work(&kt_work, msecs_to_jiffies(50));
}

static void kt_tasklet_fn(unsigned long data)
{
	kt_call(KT_SPIN);
}

static void kt_call_in_nmi(void)
{
	kt_call(KT_NOPAUSE);
}

static enum hrtimer_restart kt_hrtimer_fn(struct hrtimer *timer)
{
	kt_call(KT_NOPAUSE);
	kt_nmi_send();
	tasklet_schedule(&kt_tasklet);
	hrtimer_forward_now(timer, ns_to_ktime(1000ULL * period_us));
	return HRTIMER_RESTART;
}

static void kt_load_stop(void)
{
	unsigned int i;

	for (i = 0; i < KT_MAX_THREADS; i++)
		if (kt_threads[i])
			kthread_stop(kt_threads[i]);
	if (!threads)
		return;
	hrtimer_cancel(&kt_hrtimer);
	kt_nmi_stop();
	tasklet_kill(&kt_tasklet);
	cancel_delayed_work_sync(&kt_work);
}

static int kt_load_start(void)
{
	struct task_struct *task;
	unsigned int i;
	int ret;

	if (!threads)
		return 0;
	ret = kt_nmi_start(kt_call_in_nmi);
	if (ret)
		return ret;
	INIT_DELAYED_WORK(&kt_work, kt_work_fn);
	tasklet_init(&kt_tasklet, kt_tasklet_fn, 0);
	hrtimer_setup(&kt_hrtimer, kt_hrtimer_fn, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	for (i = 0; i < min_t(unsigned int, threads, KT_MAX_THREADS); i++) {
		task = kthread_run(kt_thread, (void *)(unsigned long)(i % 3),
				   "kt/%u", i);
		if (IS_ERR(task)) {
			threads = 0;
			kt_load_stop();
			return PTR_ERR(task);
		}
		kt_threads[i] = task;
	}
	schedule_delayed_work(&kt_work, 1);
	hrtimer_start(&kt_hrtimer, ns_to_ktime(1000000), HRTIMER_MODE_REL);
	return 0;
}

/* Tasks that stay inside. */

/* Makes kt_sleeper() longer in another build, see kpatch-test-targex.c. */
#ifndef KT_PADDED
static inline void kt_pad(void)
{
}
#endif

/* As deep as asked for, or as fits on the small stacks of old kernels. */
#define KT_DEPTH	min_t(int, 200, THREAD_SIZE / 64)

noinline __noclone void kt_sleep_callee(int released)
{
	wait_event(kt_wait, atomic_read(&kt_released) != released);
}

/* Who calls this is unlikely, and moved out of its function by the compiler. */
noinline __noclone __cold void kt_sleep_cold(int released)
{
	wait_event(kt_wait, atomic_read(&kt_released) != released);
}

noinline __noclone int kt_recurse(int depth, int released)
{
	int ret = 0;

	if (depth)
		ret = kt_recurse(depth - 1, released);
	else
		kt_sleep_callee(released);
	/* Something is left to do, so that this is no jump to the callee. */
	barrier();
	return ret + 1;
}

noinline __noclone int kt_sleeper(enum kt_kind kind)
{
	int released = atomic_read(&kt_released);

	kt_pad();
	atomic_inc(&kt_asleep);
	switch (kind) {
	case KT_DEEP:
		kt_recurse(KT_DEPTH, released);
		break;
	case KT_BUSY:
		while (atomic_read(&kt_released) == released)
			kt_yield();
		break;
	case KT_COLD:
		kt_sleep_cold(released);
		break;
	default:
		kt_sleep_callee(released);
		break;
	}
	atomic_dec(&kt_asleep);
	return 0;
}

/* Its part is called after the other name. */
asm(".set kt_sleeper_alias, kt_sleeper\n\t.type kt_sleeper_alias, @function");

/* Not inside of kt_sleeper(), but an address of that is on the stack. */
static noinline __noclone void kt_mere(void)
{
	int released = atomic_read(&kt_released);
	unsigned long addr;

	WRITE_ONCE(addr, (unsigned long)kt_sleeper + 1);
	atomic_inc(&kt_asleep);
	wait_event(kt_wait, atomic_read(&kt_released) != released &&
		   READ_ONCE(addr));
	atomic_dec(&kt_asleep);
}

static int kt_sleeper_thread(void *data)
{
	enum kt_kind kind = (enum kt_kind)(unsigned long)data;

	if (kind == KT_MERE)
		kt_mere();
	else
		kt_sleeper(kind);
	module_put(THIS_MODULE);
	return 0;
}

/* A task whose exit closes this file sleeps there. */
static int kt_file_release(struct inode *inode, struct file *file)
{
	return kt_sleeper(KT_PLAIN);
}

static const struct file_operations kt_fops = {
	.owner = THIS_MODULE,
	.release = kt_file_release,
};

/* A read of these is a call in a syscall. */
static ssize_t kt_call_read(struct file *file, char __user *to, size_t count,
			    loff_t *ppos)
{
	if (*ppos)
		return 0;
	kt_call((enum kt_pause)(unsigned long)file_inode(file)->i_private);
	atomic_inc(&kt_syscalls);
	return simple_read_from_buffer(to, count, ppos, "called\n", 7);
}

static const struct file_operations kt_call_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = kt_call_read,
	.llseek = default_llseek,
};

static struct dentry *kt_dir;

static void kt_create_files(void)
{
	kt_dir = debugfs_create_dir("kpatch_test", NULL);
	debugfs_create_file("exit", 0400, kt_dir, NULL, &kt_fops);
	debugfs_create_file("call", 0400, kt_dir, (void *)KT_NOPAUSE,
			    &kt_call_fops);
	debugfs_create_file("sleep", 0400, kt_dir, (void *)KT_SLEEP,
			    &kt_call_fops);
	debugfs_create_file("spin", 0400, kt_dir, (void *)KT_SPIN,
			    &kt_call_fops);
}

/* Parameters that do things. */

static int kt_set_sleeper(const char *val, const struct kernel_param *kp)
{
	struct task_struct *task;
	unsigned long kind;
	int ret;

	ret = kstrtoul(val, 0, &kind);
	if (ret)
		return ret;
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	task = kthread_run(kt_sleeper_thread, (void *)kind, "kt_sleeper");
	if (IS_ERR(task)) {
		module_put(THIS_MODULE);
		return PTR_ERR(task);
	}
	return 0;
}

static int kt_set_release(const char *val, const struct kernel_param *kp)
{
	atomic_inc(&kt_released);
	wake_up_all(&kt_wait);
	return 0;
}

static int kt_set_next(const char *val, const struct kernel_param *kp)
{
	unsigned long version;
	int ret;

	ret = kstrtoul(val, 0, &version);
	if (!ret)
		WRITE_ONCE(kt_next, ((kt_next >> 16) + 1) << 16 | version);
	return ret;
}

static int kt_get_counter(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static int kt_get_mix(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "versions %04x preempt_count %08x in %s\n",
		       kt_mix.versions, kt_mix.preempt_count, kt_mix.comm);
}

static const struct kernel_param_ops kt_mix_ops = { .get = kt_get_mix };
static const struct kernel_param_ops kt_sleeper_ops = { .set = kt_set_sleeper };
static const struct kernel_param_ops kt_release_ops = { .set = kt_set_release };
static const struct kernel_param_ops kt_next_ops = { .set = kt_set_next };
static const struct kernel_param_ops kt_counter_ops = { .get = kt_get_counter };

module_param_cb(sleeper, &kt_sleeper_ops, NULL, 0200);
module_param_cb(release, &kt_release_ops, NULL, 0200);
module_param_cb(next, &kt_next_ops, NULL, 0200);
module_param_cb(calls, &kt_counter_ops, &kt_calls, 0444);
module_param_cb(nmis, &kt_counter_ops, &kt_nmis, 0444);
module_param_cb(syscalls, &kt_counter_ops, &kt_syscalls, 0444);
module_param_cb(mixes, &kt_counter_ops, &kt_mixes, 0444);
module_param_cb(mix, &kt_mix_ops, NULL, 0444);
module_param_cb(late, &kt_counter_ops, &kt_late, 0444);
module_param_cb(asleep, &kt_counter_ops, &kt_asleep, 0444);

static int kt_get_version(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%d\n", kt_g());
}

/* A caller, kt_outer(), and its callees, for tracers to be put on. */
static noinline __noclone int kt_get_outer(char *buf,
					   const struct kernel_param *kp)
{
	return sprintf(buf, "%d\n", kt_outer(KT_NOPAUSE));
}

static const struct kernel_param_ops kt_outer_ops = { .get = kt_get_outer };
module_param_cb(outer, &kt_outer_ops, NULL, 0444);

static const struct kernel_param_ops kt_version_ops = { .get = kt_get_version };
module_param_cb(version, &kt_version_ops, NULL, 0444);

static int kt_hold_init(void)
{
	int ret = 0;

	atomic_inc(&kt_asleep);
	if (hold_init)
		ret = wait_event_killable(kt_wait, atomic_read(&kt_released));
	atomic_dec(&kt_asleep);
	return ret;
}

/* Goes with the memory of the init. */
static noinline __noclone int __init kt_init_only(void)
{
	return READ_ONCE(kt_original);
}

static int __init kt_init(void)
{
	int ret = kt_hold_init();

	if (!ret)
		ret = kt_init_only();
	if (!ret)
		ret = kt_load_start();
	if (ret)
		return ret;
	kt_create_files();
	return 0;
}

static void __exit kt_exit(void)
{
	if (hold_exit)
		kt_sleeper(KT_COLD);
	debugfs_remove_recursive(kt_dir);
	kt_load_stop();
}

module_init(kt_init);
module_exit(kt_exit);
MODULE_DESCRIPTION("Functions to be patched and a load that watches them");
MODULE_LICENSE("GPL");
