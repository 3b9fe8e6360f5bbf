// SPDX-License-Identifier: GPL-2.0
// Numbers that are not lines, where a line could be: flags of an inode, credits
// of a transaction, a number in a message.
// CHANGED f
// CHANGED g
// CHANGED h
// SAME i
#include "kern.h"
int __ext4_iget(void *sb, unsigned long ino, int flags, const char *func, int line);
int __ext4_journal_ensure_credits(void *handle, int check, int extend, int revoke);
int __ext4_mark_inode_dirty(void *handle, void *inode, const char *func, int line);
#ifdef PATCHED
enum { FLAGS = 21, CREDITS = 33, LIMIT = 41 };

#else
enum { FLAGS = 17, CREDITS = 29, LIMIT = 40 };
#endif
int f(void *sb)
{
	return __ext4_iget(sb, 5, FLAGS, NULL, 3) + 1;
}
int g(void *handle)
{
	return __ext4_journal_ensure_credits(handle, CREDITS, 60, 70) + 1;
}
int h(int x)
{
	printk("%s: at most %d\n", __func__, LIMIT);
	return helper(x);
}
int i(void *handle)
{
	return __ext4_mark_inode_dirty(handle, NULL, __func__, __LINE__) + 1;
}
