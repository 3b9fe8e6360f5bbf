/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by kpatch-test-spin.c and the patches for it. */
#ifndef _KPATCH_TEST_SPIN_H
#define _KPATCH_TEST_SPIN_H

/* What a replacement of ks_f() adds to its sum. */
#define KS_NEW	1000

long ks_f(long a, long b, long c, long d, long e, long f, long g, long h);

#endif /* _KPATCH_TEST_SPIN_H */
