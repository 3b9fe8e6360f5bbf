// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-late: a second module to be patched, for tests that have the first
 * one in use when this one comes or goes
 *
 * Its file is /sys/kernel/debug/kptest_late.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "kptest-target.h"

static struct dentry *kptest_file;

noinline int kptest_late_show(struct seq_file *m, void *v)
{
	seq_puts(m, "late: original\n");
	return 0;
}

static int kptest_late_open(struct inode *inode, struct file *file)
{
	return single_open(file, kptest_late_show, NULL);
}

static const struct file_operations kptest_late_fops = {
	.owner		= THIS_MODULE,
	.open		= kptest_late_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static int __init kptest_late_init(void)
{
	pr_info("init\n");
	kptest_file = debugfs_create_file("kptest_late", 0444, NULL, NULL,
					  &kptest_late_fops);
	return IS_ERR_OR_NULL(kptest_file) ? -ENODEV : 0;
}

static void __exit kptest_late_exit(void)
{
	debugfs_remove(kptest_file);
	pr_info("exit\n");
}

module_init(kptest_late_init);
module_exit(kptest_late_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: a module that comes late");
MODULE_LICENSE("GPL");
