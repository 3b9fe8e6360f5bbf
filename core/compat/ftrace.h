/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's ftrace API on older kernels. */
#ifndef _KP_COMPAT_FTRACE_H
#define _KP_COMPAT_FTRACE_H

#include "kp_config.h"

#include <linux/ftrace.h>

/* Before 5.11 handlers got the registers themselves. */
#if !KP_HAVE_FTRACE_REGS
#define ftrace_regs		pt_regs
#define kp_ftrace_pt_regs(fregs)	(fregs)
#else
#define kp_ftrace_pt_regs(fregs)	ftrace_get_regs(fregs)
#endif

#if !KP_HAVE_FTRACE_REGS_SET_IP
#if KP_HAVE_FTRACE_INSTRUCTION_POINTER_SET
#define ftrace_regs_set_instruction_pointer(fregs, ip)	\
	ftrace_instruction_pointer_set(fregs, ip)
#else
#define ftrace_regs_set_instruction_pointer(fregs, addr)	\
	((void)(kp_ftrace_pt_regs(fregs)->ip = (addr)))
#endif
#endif

/*
 * Where the flag exists (an enumerator in RHEL 7, so #ifdef cannot tell) two
 * ops that both want to change the ip of one function exclude each other.
 */
#if KP_HAVE_FTRACE_FL_IPMODIFY
#define KP_FTRACE_FL_IPMODIFY	FTRACE_OPS_FL_IPMODIFY
#else
#define KP_FTRACE_FL_IPMODIFY	0
#endif

/* Without it kernel.ftrace_enabled=0 switches patches off: see redirect.c. */
#if KP_HAVE_FTRACE_FL_PERMANENT
#define KP_FTRACE_FL_PERMANENT	FTRACE_OPS_FL_PERMANENT
#else
#define KP_FTRACE_FL_PERMANENT	0
#endif

/*
 * Our handler calls nothing that is traced, so it needs no protection against
 * recursion, which costs a third of its time and, worse, skips the handler
 * where a patched function is called by another tracer's handler.
 */
#if !KP_HAVE_FTRACE_FL_RECURSION && KP_HAVE_FTRACE_FL_RECURSION_SAFE
#define KP_FTRACE_FL_UNPROTECTED	FTRACE_OPS_FL_RECURSION_SAFE
#else
#define KP_FTRACE_FL_UNPROTECTED	0
#endif

/* What the call site of a function calls that has no other tracer; 0: nobody knows. */
#if KP_HAVE_FTRACE_OPS_TRAMPOLINE
#define kp_ops_trampoline(ops)	((ops)->trampoline)
#else
#define kp_ops_trampoline(ops)	0UL
#endif

/*
 * Does every call of a function reach its handler, as long as that is the only
 * one?  It is called without a detour then, is not switched off meanwhile (by
 * an update or by the sysctl), and nobody puts the ip back.
 */
#define KP_FTRACE_SOLE_IS_SURE						\
	(KP_HAVE_FTRACE_OPS_TRAMPOLINE && KP_HAVE_FTRACE_FL_IPMODIFY &&	\
	 KP_HAVE_FTRACE_FL_PERMANENT && !KP_HAVE_FUNCTION_TRACE_STOP)

#if !KP_HAVE_FTRACE_SET_FILTER_IPS
static inline int ftrace_set_filter_ips(struct ftrace_ops *ops,
					unsigned long *ips, unsigned int cnt,
					int remove, int reset)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < cnt; i++) {
		ret = ftrace_set_filter_ip(ops, ips[i], remove, reset && !i);
		if (ret)
			break;
	}
	while (ret && i--)
		ftrace_set_filter_ip(ops, ips[i], !remove, 0);
	return ret;
}
#endif

#define KP_FTRACE_FLAGS							\
	(FTRACE_OPS_FL_SAVE_REGS | KP_FTRACE_FL_IPMODIFY |		\
	 KP_FTRACE_FL_PERMANENT | KP_FTRACE_FL_UNPROTECTED)

#endif /* _KP_COMPAT_FTRACE_H */
