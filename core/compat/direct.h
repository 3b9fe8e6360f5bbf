/* SPDX-License-Identifier: GPL-2.0 */
/* ftrace's direct calls, in the newest kernel's words. */
#ifndef _KP_COMPAT_DIRECT_H
#define _KP_COMPAT_DIRECT_H

#include "kp_config.h"

#include <linux/ftrace.h>

/*
 * What is needed: an ops of one's own for direct calls (before 5.16 there is
 * one for all), and that it can share a function with an ops that changes the
 * ip (before 6.0 they exclude each other), or there is no way from one to the
 * other on which calls are not lost.
 */
#if (KP_HAVE_FTRACE_OPS_FUNC || KP_HAVE_FTRACE_OPS_FUNC_IP) &&		\
	(KP_HAVE_FTRACE_DIRECT_OPS || KP_HAVE_FTRACE_DIRECT_MULTI) &&	\
	defined(CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)
#define KP_HAVE_DIRECT	1
#else
#define KP_HAVE_DIRECT	0
#endif

#if KP_HAVE_DIRECT

#if KP_HAVE_FTRACE_DIRECT_OPS
#define kp_register_direct(ops, addr)	register_ftrace_direct(ops, addr)
#define kp_unregister_direct(ops, addr)	\
	unregister_ftrace_direct(ops, addr, false)
#else
#define kp_register_direct(ops, addr)	register_ftrace_direct_multi(ops, addr)
#define kp_unregister_direct(ops, addr)	\
	unregister_ftrace_direct_multi(ops, addr)
#endif

#if KP_HAVE_FTRACE_OPS_FUNC_IP
#define KP_FTRACE_OPS_FUNC_ARGS						\
	struct ftrace_ops *ops, unsigned long ip, enum ftrace_ops_cmd cmd
#else
#define KP_FTRACE_OPS_FUNC_ARGS						\
	struct ftrace_ops *ops, enum ftrace_ops_cmd cmd
#endif

/* Address @addr, to be jumped to from the call site rather than called. */
#if KP_HAVE_FTRACE_JMP
#define kp_direct_jmp(addr)	ftrace_jmp_set(addr)
#else
#define kp_direct_jmp(addr)	(addr)
#endif

#endif /* KP_HAVE_DIRECT */

#endif /* _KP_COMPAT_DIRECT_H */
