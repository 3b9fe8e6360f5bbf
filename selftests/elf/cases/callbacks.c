// SPDX-License-Identifier: GPL-2.0
// A patch of callbacks only.
// NEW before
// HAS .kpatch.callbacks.pre_patch
#include "kern.h"
int f(int x) { return helper(x); }
#ifdef PATCHED
struct cb { int (*fn)(void *); const char *objname; };
static int before(void *obj) { return helper(7); }
static struct cb cb __attribute__((__used__, __section__(".kpatch.callbacks.pre_patch"))) = { before };
#endif
