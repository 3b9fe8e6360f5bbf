/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest kernel's names for what older kernels spell differently, so that
 * the rest of core/ is written against one API.  What a kernel has is decided
 * by the probes (see probe/), never by its version.
 */
#ifndef _KP_COMPAT_H
#define _KP_COMPAT_H

#include "kp_config.h"

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#if KP_HAVE_SCHED_HEADERS
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#endif

#if !KP_HAVE_READ_ONCE
#ifndef READ_ONCE
#define READ_ONCE(x)		ACCESS_ONCE(x)
#endif
#ifndef WRITE_ONCE
#define WRITE_ONCE(x, val)	((void)(ACCESS_ONCE(x) = (val)))
#endif
#endif

#if !KP_HAVE_READ_ONCE_NOCHECK
#define READ_ONCE_NOCHECK(x)	READ_ONCE(x)
#endif

/* Macros all of them, so that no probe is needed; full barriers, to be safe. */
#ifndef smp_load_acquire
/* Everything behind it stays behind it. */
#define smp_load_acquire(ptr)						\
({									\
	typeof(ptr) ___p = (ptr);					\
	typeof(*___p) ___v = READ_ONCE(*___p);				\
	smp_mb(); /* acquire */						\
	___v;								\
})
#endif
#ifndef smp_store_release
/* Everything before it stays before it. */
#define smp_store_release(ptr, v)					\
do {									\
	smp_mb(); /* release */						\
	WRITE_ONCE(*(ptr), v);						\
} while (0)
#endif
#ifndef smp_mb__before_atomic
#define smp_mb__before_atomic()	smp_mb() /* as promised */
#endif
#ifndef smp_mb__after_atomic
#define smp_mb__after_atomic()	smp_mb() /* as promised */
#endif

/* kp_for_each_thread(p, t) { ... } kp_end_for_each_thread(p, t); */
#if KP_HAVE_FOR_EACH_PROCESS_THREAD
#define kp_for_each_thread(p, t)	for_each_process_thread(p, t)
#define kp_end_for_each_thread(p, t)	do { } while (0)
#else
#define kp_for_each_thread(p, t)	do_each_thread(p, t)
#define kp_end_for_each_thread(p, t)	while_each_thread(p, t)
#endif

/* The task list's lock; a reader's critical section may not sleep. */
#if KP_HAVE_TASKLIST_QRWLOCK
#define kp_tasklist_lock_t		qrwlock_t
#define kp_tasklist_read_lock(l)	qread_lock(l)
#define kp_tasklist_read_unlock(l)	qread_unlock(l)
#else
#define kp_tasklist_lock_t		rwlock_t
#define kp_tasklist_read_lock(l)	read_lock(l)
#define kp_tasklist_read_unlock(l)	read_unlock(l)
#endif

#if !KP_HAVE_KVMALLOC
static inline void *kvzalloc(size_t size, gfp_t flags)
{
	return vzalloc(size);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return size && n > SIZE_MAX / size ? NULL : vzalloc(n * size);
}

static inline void kp_kvfree(const void *p)
{
	vfree(p);
}

#define kvfree(p)	kp_kvfree(p)
#endif

/* How task_work_add() is to notify the task; before, a bool. */
#if KP_HAVE_TWA_SIGNAL
#define KP_TWA_SIGNAL	TWA_SIGNAL
#else
#define KP_TWA_SIGNAL	1
#endif
#define KP_TWA_RESUME	1

#if !KP_HAVE_KSTRTOBOOL
#define kstrtobool(s, res)	strtobool(s, res)
#endif

#if !KP_HAVE_CPUS_READ_LOCK
#define cpus_read_lock()	get_online_cpus()
#define cpus_read_unlock()	put_online_cpus()
#endif

/*
 * Named wherever work is queued: schedule_delayed_work() may mean another one, and
 * a work that is put in two queues can run twice at a time, and be left over when
 * it is cancelled.
 */
#if !KP_HAVE_SYSTEM_PERCPU_WQ
#define system_percpu_wq	system_wq
#endif

#if !KP_HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

/* What a kernel whose functions have been replaced is tainted with. */
#if KP_HAVE_TAINT_LIVEPATCH
#define KP_TAINT	TAINT_LIVEPATCH
#else
#define KP_TAINT	TAINT_USER
#endif

#if KP_HAVE_HRTIMER_PINNED_HARD
#define KP_HRTIMER_MODE	HRTIMER_MODE_REL_PINNED_HARD
#else
#define KP_HRTIMER_MODE	HRTIMER_MODE_REL_PINNED
#endif

/* 0 while the task can run, as in the newest kernels' task_struct::__state */
static inline unsigned int kp_task_state(struct task_struct *t)
{
#if KP_HAVE_TASK_STATE_UNDERSCORE
	return READ_ONCE(t->__state);
#else
	return READ_ONCE(t->state);
#endif
}

#endif /* _KP_COMPAT_H */
