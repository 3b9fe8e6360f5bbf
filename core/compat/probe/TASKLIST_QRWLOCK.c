// SPDX-License-Identifier: GPL-2.0
// RHEL 7: tasklist_lock is a queued lock, of a type and with functions of its own
#include <linux/sched.h>
#include <linux/spinlock.h>

void kp_probe(void)
{
	qrwlock_t *lock = &tasklist_lock;

	qread_lock(lock);
	qread_unlock(lock);
}
