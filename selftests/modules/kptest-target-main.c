// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-target: functions that the tests' patches replace
 *
 * Its files live in /sys/kernel/debug/kptest_target/:
 *
 *   hello    one line by kptest_hello_show()
 *   first    one line by the static kptest_dup() of this file
 *   second   one line by the static kptest_dup() of kptest-target-dup.c
 *   pair     what kptest_outer() and the kptest_inner() that it calls say
 *   slow     the same, but outer sleeps for slow_ms in the middle, or until the
 *	      next write to release
 *   block    a reader stays inside kptest_block() until "release" is written
 *   nap      the same, but in an interruptible sleep
 *   inside   how many readers are inside of these two
 *   release  a write lets them all go
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/wait.h>

#include "kptest-target.h"

static int init_ret;
module_param(init_ret, int, 0444);
MODULE_PARM_DESC(init_ret, "what module init returns, 0 or a negative errno");

static unsigned int slow_ms = 20;
module_param(slow_ms, uint, 0644);
MODULE_PARM_DESC(slow_ms, "how long a reader of \"slow\" sleeps");

static struct dentry *kptest_dir;
static DECLARE_WAIT_QUEUE_HEAD(kptest_wait);
static atomic_t kptest_inside = ATOMIC_INIT(0);
static atomic_t kptest_releases = ATOMIC_INIT(0);

noinline int kptest_hello_show(struct seq_file *m, void *v)
{
	seq_puts(m, "hello: original\n");
	return 0;
}

/* not unique in this module: the patches have to say which one they mean */
static noinline int kptest_dup(struct seq_file *m, void *v)
{
	seq_puts(m, "first: original\n");
	return 0;
}

noinline const char *kptest_inner(char *tmp, size_t size)
{
	scnprintf(tmp, size, "old");
	return tmp;
}

noinline ssize_t kptest_outer(struct kptest_call *call)
{
	int ticket = atomic_read(&kptest_releases);
	char before[16], after[16];

	call->inner(before, sizeof(before));
	if (call->sleep_ms)
		wait_event_timeout(kptest_wait,
				   atomic_read(&kptest_releases) != ticket,
				   msecs_to_jiffies(call->sleep_ms));
	return scnprintf(call->buf, call->size, "outer=old inner=%s,%s\n",
			 before, call->inner(after, sizeof(after)));
}

noinline int kptest_block(struct seq_file *m, void *v)
{
	int ticket = atomic_read(&kptest_releases);
	int ret;

	atomic_inc(&kptest_inside);
	/* not interruptible: live patching's own signals must not matter */
	ret = wait_event_killable(kptest_wait,
				  atomic_read(&kptest_releases) != ticket);
	atomic_dec(&kptest_inside);
	seq_puts(m, "block: original\n");
	return ret;
}

noinline int kptest_nap(struct seq_file *m, void *v)
{
	int ticket = atomic_read(&kptest_releases);
	int ret;

	atomic_inc(&kptest_inside);
	ret = wait_event_interruptible(kptest_wait,
				       atomic_read(&kptest_releases) != ticket);
	atomic_dec(&kptest_inside);
	seq_puts(m, "nap: original\n");
	return ret;
}

static int kptest_inside_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", atomic_read(&kptest_inside));
	return 0;
}

static int kptest_hello_open(struct inode *inode, struct file *file)
{
	return single_open(file, kptest_hello_show, NULL);
}

static int kptest_first_open(struct inode *inode, struct file *file)
{
	return single_open(file, kptest_dup, NULL);
}

static int kptest_block_open(struct inode *inode, struct file *file)
{
	return single_open(file, kptest_block, NULL);
}

static int kptest_nap_open(struct inode *inode, struct file *file)
{
	return single_open(file, kptest_nap, NULL);
}

static int kptest_inside_open(struct inode *inode, struct file *file)
{
	return single_open(file, kptest_inside_show, NULL);
}

static ssize_t kptest_report(char __user *to, size_t count, loff_t *ppos,
			     unsigned int sleep_ms)
{
	char buf[128];
	struct kptest_call call = {
		.inner = kptest_inner,
		.sleep_ms = sleep_ms,
		.buf = buf,
		.size = sizeof(buf),
	};
	ssize_t len;

	if (*ppos)
		return 0;
	len = kptest_outer(&call);
	return simple_read_from_buffer(to, count, ppos, buf, len);
}

static ssize_t kptest_pair_read(struct file *file, char __user *to,
				size_t count, loff_t *ppos)
{
	return kptest_report(to, count, ppos, 0);
}

static ssize_t kptest_slow_read(struct file *file, char __user *to,
				size_t count, loff_t *ppos)
{
	return kptest_report(to, count, ppos, slow_ms);
}

static ssize_t kptest_release_write(struct file *file, const char __user *from,
				    size_t count, loff_t *ppos)
{
	atomic_inc(&kptest_releases);
	wake_up_all(&kptest_wait);
	return count;
}

#define KPTEST_SHOW_FOPS(_name)						\
static const struct file_operations kptest_##_name##_fops = {		\
	.owner		= THIS_MODULE,					\
	.open		= kptest_##_name##_open,			\
	.read		= seq_read,					\
	.llseek		= seq_lseek,					\
	.release	= single_release,				\
}

KPTEST_SHOW_FOPS(hello);
KPTEST_SHOW_FOPS(first);
KPTEST_SHOW_FOPS(second);
KPTEST_SHOW_FOPS(block);
KPTEST_SHOW_FOPS(nap);
KPTEST_SHOW_FOPS(inside);

static const struct file_operations kptest_pair_fops = {
	.owner		= THIS_MODULE,
	.open		= simple_open,
	.read		= kptest_pair_read,
	.llseek		= default_llseek,
};

static const struct file_operations kptest_slow_fops = {
	.owner		= THIS_MODULE,
	.open		= simple_open,
	.read		= kptest_slow_read,
	.llseek		= default_llseek,
};

static const struct file_operations kptest_release_fops = {
	.owner		= THIS_MODULE,
	.open		= simple_open,
	.write		= kptest_release_write,
	.llseek		= noop_llseek,
};

static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} kptest_files[] = {
	{ "hello",	0444, &kptest_hello_fops },
	{ "first",	0444, &kptest_first_fops },
	{ "second",	0444, &kptest_second_fops },
	{ "pair",	0444, &kptest_pair_fops },
	{ "slow",	0444, &kptest_slow_fops },
	{ "block",	0444, &kptest_block_fops },
	{ "nap",	0444, &kptest_nap_fops },
	{ "inside",	0444, &kptest_inside_fops },
	{ "release",	0200, &kptest_release_fops },
};

static int __init kptest_target_init(void)
{
	int i;

	pr_info("init\n");
	if (init_ret)
		return init_ret;

	kptest_dir = debugfs_create_dir("kptest_target", NULL);
	if (IS_ERR_OR_NULL(kptest_dir))
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(kptest_files); i++)
		debugfs_create_file(kptest_files[i].name, kptest_files[i].mode,
				    kptest_dir, NULL, kptest_files[i].fops);
	return 0;
}

static void __exit kptest_target_exit(void)
{
	debugfs_remove_recursive(kptest_dir);
	pr_info("exit\n");
}

module_init(kptest_target_init);
module_exit(kptest_target_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: functions to be patched");
MODULE_LICENSE("GPL");
