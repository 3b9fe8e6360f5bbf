/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by kpatch-bench-target.c and the patches for it. */
#ifndef _KPATCH_BENCH_H
#define _KPATCH_BENCH_H

#include <linux/ktime.h>
#include <linux/types.h>

#define KB_FUNCS	100

/* How long a patch took from the call that enables it to its last callback. */
struct kb_times {
	u64 start;
	u64 reached;
	u64 returned;
};

#endif /* _KPATCH_BENCH_H */
