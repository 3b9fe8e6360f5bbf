/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the target module and the patches for it agree on.
 */
#ifndef KPTEST_TARGET_H
#define KPTEST_TARGET_H

#include <linux/types.h>

struct file;
struct inode;
struct seq_file;

/* one call of kptest_outer(), which writes its report into buf */
struct kptest_call {
	/*
	 * The target's kptest_inner().  Callers reach it through here, so
	 * that a patch can do so too without depending on the target.
	 */
	const char *(*inner)(char *tmp, size_t size);
	unsigned int sleep_ms;	/* to sleep half way, between the two calls */
	char *buf;
	size_t size;
};

/* the functions to be patched */
int kptest_hello_show(struct seq_file *m, void *v);
const char *kptest_inner(char *tmp, size_t size);
ssize_t kptest_outer(struct kptest_call *call);
int kptest_block(struct seq_file *m, void *v);
int kptest_nap(struct seq_file *m, void *v);
int kptest_late_show(struct seq_file *m, void *v);

/* the file "second" is served by a source file of its own */
int kptest_second_open(struct inode *inode, struct file *file);

#endif /* KPTEST_TARGET_H */
