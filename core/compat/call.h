/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls to addresses that are known only at run time, for symbol.h.
 *
 * Where they can be they are static calls: each is patched into a direct call
 * when the address becomes known.  On kernels with indirect branch tracking
 * that is not a matter of speed.  There an indirect call must land on an ENDBR
 * instruction, and boot overwrites that of every function whose address the
 * kernel itself never takes: a call through a pointer would be a #CP fault.
 * Kernels without static calls are older than that (NEED_STATIC_CALL).
 */
#ifndef _KP_COMPAT_CALL_H
#define _KP_COMPAT_CALL_H

#include "kp_config.h"

#if KP_HAVE_STATIC_CALL
#include <linux/static_call.h>

/* At file scope: calls of the type of @proto, which nobody defines. */
#define KP_DEFINE_CALL(name, proto)	DEFINE_STATIC_CALL_NULL(name, proto)
/* They go to @addr from now on.  May sleep; nobody calls meanwhile. */
#define kp_set_call(name, proto, addr)					\
	static_call_update(name, (typeof(proto) *)(addr))
#define kp_do_call(name)		static_call(name)
#else
#define KP_DEFINE_CALL(name, proto)	static struct { typeof(proto) *fn; } name
#define kp_set_call(name, proto, addr)	\
	((void)((name).fn = (typeof(proto) *)(addr)))
#define kp_do_call(name)		((name).fn)
#endif

#endif /* _KP_COMPAT_CALL_H */
