// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-test-spin: a task on each CPU calls ks_f() again and again, and looks
 * at what comes back.
 *
 *   calls   how many calls there were
 *   old     how many ran the function itself
 *   wrong   how many got neither its sum nor a replacement's: arguments (some
 *	     of them on the stack) or the result were lost
 *   count   write to it: when that returns, the calls that had begun are counted.
 *	     A task can be preempted, or a virtual processor stand still, between a
 *	     call and its counting
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "kpatch-test.h"
#include "kpatch-test-spin.h"
#include "../../core/compat/compat.h"

static atomic_long_t ks_calls = ATOMIC_LONG_INIT(0);
static atomic_long_t ks_old = ATOMIC_LONG_INIT(0);
static atomic_long_t ks_wrong = ATOMIC_LONG_INIT(0);

static DEFINE_PER_CPU(struct task_struct *, ks_tasks);
static DEFINE_PER_CPU(long, ks_counted);	/* calls of that task */

/* Tasks that are always inside could not be switched. */
#define KS_PAUSE	400

/* The compiler must not know what comes back. */
static long ks_zero;

noinline __noclone long ks_f(long a, long b, long c, long d, long e, long f,
			     long g, long h)
{
	return a + b + c + d + e + f + g + h + READ_ONCE(ks_zero);
}

static void ks_call(long i)
{
	long sum = 8 * i + 28;
	long got = ks_f(i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6, i + 7);

	atomic_long_inc(&ks_calls);
	if (got == sum)
		atomic_long_inc(&ks_old);
	else if (got != sum + KS_NEW)
		atomic_long_inc(&ks_wrong);
}

static bool ks_rest;
module_param_named(rest, ks_rest, bool, 0644);
MODULE_PARM_DESC(rest, "sleep between calls: who cannot switch tasks that run can switch these");

static int ks_thread(void *data)
{
	long *counted = data;
	long i;
	int n;

	/* Others want to work as well. */
	set_user_nice(current, 15);
	for (i = 0; !kthread_should_stop(); i++) {
		ks_call(i);
		/* Pairs with the acquire in ks_set_count(): what it has counted. */
		smp_store_release(counted, i + 1);
		for (n = 0; n < KS_PAUSE; n++)
			barrier();
		if (READ_ONCE(ks_rest))
			schedule_timeout_interruptible(1);
		else if (i % 256 == 255)
			kt_yield();
	}
	return 0;
}

static void ks_stop(void)
{
	struct task_struct *task;
	int cpu;

	for_each_possible_cpu(cpu) {
		task = per_cpu(ks_tasks, cpu);
		if (task)
			kthread_stop(task);
	}
}

static int ks_get_counter(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%ld\n", atomic_long_read((atomic_long_t *)kp->arg));
}

static const struct kernel_param_ops ks_counter_ops = { .get = ks_get_counter };

/* Has the task of that CPU counted another call? */
static bool ks_counts(int cpu, long before)
{
	/* Pairs with the release in ks_thread(): the counters are read later. */
	return smp_load_acquire(&per_cpu(ks_counted, cpu)) != before;
}

static int ks_set_count(const char *val, const struct kernel_param *kp)
{
	long before;
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!per_cpu(ks_tasks, cpu))
			continue;
		before = READ_ONCE(per_cpu(ks_counted, cpu));
		while (!ks_counts(cpu, before))
			if (msleep_interruptible(1))
				return -EINTR;
	}
	return 0;
}

static const struct kernel_param_ops ks_count_ops = { .set = ks_set_count };

module_param_cb(count, &ks_count_ops, NULL, 0200);
module_param_cb(calls, &ks_counter_ops, &ks_calls, 0444);
module_param_cb(old, &ks_counter_ops, &ks_old, 0444);
module_param_cb(wrong, &ks_counter_ops, &ks_wrong, 0444);

static int __init ks_init(void)
{
	struct task_struct *task;
	int cpu, ret = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		task = kthread_create(ks_thread, &per_cpu(ks_counted, cpu),
				      "ks/%d", cpu);
		if (IS_ERR(task)) {
			ret = PTR_ERR(task);
			break;
		}
		kthread_bind(task, cpu);
		per_cpu(ks_tasks, cpu) = task;
		wake_up_process(task);
	}
	cpus_read_unlock();
	if (ret)
		ks_stop();
	return ret;
}

static void __exit ks_exit(void)
{
	ks_stop();
}

module_init(ks_init);
module_exit(ks_exit);
MODULE_DESCRIPTION("A function that is called all the time");
MODULE_LICENSE("GPL");
