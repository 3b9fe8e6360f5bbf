/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: the newest kernel's probe signatures and registration. */
#ifndef _KP_COMPAT_TRACE_H
#define _KP_COMPAT_TRACE_H

#include "kp_config.h"

#include <linux/tracepoint.h>
#include <trace/events/sched.h>

/* The arguments of a sched_switch probe, prev and next among them. */
#if KP_HAVE_SCHED_SWITCH_PREV_STATE
#define KP_SCHED_SWITCH_ARGS						\
	void *data, bool preempt, struct task_struct *prev,		\
	struct task_struct *next, unsigned int prev_state
#elif KP_HAVE_SCHED_SWITCH_PREEMPT
#define KP_SCHED_SWITCH_ARGS						\
	void *data, bool preempt, struct task_struct *prev,		\
	struct task_struct *next
#else
#define KP_SCHED_SWITCH_ARGS						\
	void *data, struct task_struct *prev, struct task_struct *next
#endif

/* The same of task_newtask: task. */
#if KP_HAVE_TASK_NEWTASK_U64
#define KP_TASK_NEWTASK_ARGS						\
	void *data, struct task_struct *task, u64 clone_flags
#else
#define KP_TASK_NEWTASK_ARGS						\
	void *data, struct task_struct *task, unsigned long clone_flags
#endif

#if KP_HAVE_TRACEPOINT_PTR
struct kp_tracepoint {
	const char *name;
	struct tracepoint *tp;
};

static inline void kp_tracepoint_match(struct tracepoint *tp, void *data)
{
	struct kp_tracepoint *want = data;

	if (!strcmp(tp->name, want->name))
		want->tp = tp;
}

static inline struct tracepoint *kp_tracepoint_find(const char *name)
{
	struct kp_tracepoint want = { .name = name };

	for_each_kernel_tracepoint(kp_tracepoint_match, &want);
	return want.tp;
}

static inline int kp_tracepoint_register(const char *name, void *probe)
{
	struct tracepoint *tp = kp_tracepoint_find(name);

	return tp ? tracepoint_probe_register(tp, probe, NULL) : -ENOENT;
}

static inline void kp_tracepoint_unregister(const char *name, void *probe)
{
	struct tracepoint *tp = kp_tracepoint_find(name);

	if (tp)
		tracepoint_probe_unregister(tp, probe, NULL);
}
#else
static inline int kp_tracepoint_register(const char *name, void *probe)
{
	return tracepoint_probe_register(name, probe, NULL);
}

static inline void kp_tracepoint_unregister(const char *name, void *probe)
{
	tracepoint_probe_unregister(name, probe, NULL);
}
#endif

#endif /* _KP_COMPAT_TRACE_H */
