/* SPDX-License-Identifier: GPL-2.0 */
/* Static calls, or where the kernel has none (before 5.10), pointers. */
#ifndef SAMPLES_STATIC_CALL_H
#define SAMPLES_STATIC_CALL_H

#ifdef CONFIG_HAVE_STATIC_CALL
#include <linux/static_call.h>
#else
/* These kernels know no indirect branch tracking: see unexported.h. */
#define DEFINE_STATIC_CALL_NULL(name, func)	\
	static struct { __typeof__(func) *fn; } name
#define static_call_update(name, func)	((void)((name).fn = (func)))
#define static_call(name)		((name).fn)
#endif

#endif /* SAMPLES_STATIC_CALL_H */
