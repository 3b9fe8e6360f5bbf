/* SPDX-License-Identifier: GPL-2.0 */
/* A kprobe whose handler sends the call elsewhere. */
#ifndef _KP_COMPAT_KPROBES_H
#define _KP_COMPAT_KPROBES_H

#include "kp_config.h"

#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

/*
 * What a pre-handler that has changed the ip does last, and returns.  Before
 * 4.19 it has to tell the kernel that it is over, in a variable that is not
 * exported: @current_kprobe_ptr is its address.
 */
static __always_inline int kp_kprobe_moved(void *current_kprobe_ptr)
{
#if KP_HAVE_KPROBE_BREAK_HANDLER
	struct kprobe * __percpu *ptr =
		(struct kprobe * __percpu *)current_kprobe_ptr;

	/* It came with interrupts off: nobody is scheduled by that. */
	__this_cpu_write(*ptr, NULL);
	preempt_enable_notrace();
#endif
	return 1;
}

#endif /* _KP_COMPAT_KPROBES_H */
