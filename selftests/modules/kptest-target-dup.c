// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-target: a second static function of the same name
 */

#include <linux/fs.h>
#include <linux/seq_file.h>

#include "kptest-target.h"

static noinline int kptest_dup(struct seq_file *m, void *v)
{
	seq_puts(m, "second: original\n");
	return 0;
}

int kptest_second_open(struct inode *inode, struct file *file)
{
	return single_open(file, kptest_dup, NULL);
}
