/* SPDX-License-Identifier: GPL-2.0 */
/* ftrace's direct calls: a call site leads to the new function at once. */
#ifndef _KP_REDIRECT_DIRECT_H
#define _KP_REDIRECT_DIRECT_H

#include <linux/types.h>

struct kp_direct;

/* NULL, or a sentence about why this kernel cannot do it. */
const char *kp_direct_unusable(void);

/* How many functions there can be at a time. */
#define KP_DIRECT_MAX	64

/*
 * Has calls of @addr go to @new.  An ops that takes them there as well must be
 * in place: until it goes, calls take both ways.  An ERR_PTR on errors.
 */
struct kp_direct *kp_direct_new(unsigned long addr, unsigned long new);

/*
 * Ends that, and frees @direct (NULL: nothing happens).  Waits until no task is
 * on its way any more, by RCU-tasks.
 */
void kp_direct_free(struct kp_direct *direct);

/*
 * Around the registration of an ops that takes calls to where the direct call
 * does: others may not share our functions.
 */
void kp_direct_share_begin(void);
void kp_direct_share_end(void);

/* What the call site does at this moment: "direct", "jmp" or NULL. */
const char *kp_direct_how(const struct kp_direct *direct);

/* Does @addr's call site call just @trampoline?  Then nobody else traces it. */
bool kp_direct_site_calls(unsigned long addr, unsigned long trampoline);

/* Between redirect_direct.c and its stubs. */
extern const char kp_stubs[];
extern unsigned long kp_stub_target[KP_DIRECT_MAX];

#endif /* _KP_REDIRECT_DIRECT_H */
