// SPDX-License-Identifier: GPL-2.0
/*
 * Another build of kpatch-test-target, for test-kpatch-stack: kt_sleeper() is
 * longer, and whoever sleeps in it sleeps beyond the end that it has in the other
 * build.  The test changes this module's name into that one's.
 */
#include <linux/compiler.h>

#define KT_PADDED

static __always_inline void kt_pad(void)
{
	asm volatile(".skip 2048, 0x90");
}

#include "kpatch-test-target.c"
