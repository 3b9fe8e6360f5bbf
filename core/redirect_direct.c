// SPDX-License-Identifier: GPL-2.0
/*
 * ftrace's direct calls.
 *
 * Where the kernel can have a jump at the call site, that jump leads to the new
 * function.  Elsewhere the site calls a stub of ours, which puts the address of
 * the new function in the place of its own return address and returns.  That
 * costs one mispredicted return.  Dropping the return address and jumping would
 * look cheaper, but the processor then mispredicts the return of every function
 * that is active.  It would also hide the call: as it is, the stack holds an
 * address in the old function, and then one in the new, so that a task which is
 * preempted in the stub does count as being inside.
 *
 * A site with several tracers does not use its direct call: the kernel has it
 * call all tracers, and then what the direct call leads to.  It goes back when
 * one is left.  Neither takes our help.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "arch/x86.h"
#include "compat.h"
#include "compat/direct.h"
#include "compat/ftrace.h"
#include "redirect_direct.h"
#include "yield.h"

bool kp_direct_site_calls(unsigned long addr, unsigned long trampoline)
{
	static const unsigned int offset[] = KP_ARCH_SITE_OFFSETS;
	unsigned int i;

	for (i = 0; trampoline && i < ARRAY_SIZE(offset); i++)
		if (kp_arch_site_target(addr + offset[i], KP_ARCH_CALL) ==
		    trampoline)
			return true;
	return false;
}

#if KP_HAVE_DIRECT

#include <asm/nospec-branch.h>

struct kp_direct {
	struct ftrace_ops ops;
	unsigned long addr;
	unsigned long new;
	unsigned int stub;
};

/* Who may share our functions at the moment. */
static struct task_struct *kp_direct_sharer;

#if KP_HAVE_FTRACE_JMP

static int kp_stub_get(struct kp_direct *direct)
{
	return 0;
}

static void kp_stub_put(struct kp_direct *direct)
{
}

static unsigned long kp_direct_target(const struct kp_direct *direct)
{
	return kp_direct_jmp(direct->new);
}

const char *kp_direct_how(const struct kp_direct *direct)
{
	static const unsigned int offset[] = KP_ARCH_SITE_OFFSETS;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offset); i++)
		if (kp_arch_site_target(direct->addr + offset[i],
					KP_ARCH_JMP) == direct->new)
			return "jmp";
	return NULL;
}

#else /* !KP_HAVE_FTRACE_JMP */

/* Where each stub leads.  Set before it is in use; the caller's lock. */
unsigned long kp_stub_target[KP_DIRECT_MAX];
static DECLARE_BITMAP(kp_stubs_used, KP_DIRECT_MAX);

#define KP_STUB_SIZE	32

/* Kernels without them do not need them. */
#ifndef CALL_DEPTH_ACCOUNT
#define CALL_DEPTH_ACCOUNT ""
#endif
#ifndef ANNOTATE_NOENDBR
#define ANNOTATE_NOENDBR ""
#endif

/*
 * Only direct calls and returns lead here, so there is no ENDBR.  r11 carries
 * nothing where a function begins.
 */
asm("	.pushsection .text, \"ax\", @progbits\n"
"	.balign " __stringify(KP_STUB_SIZE) "\n"
"kp_stubs:\n"
	ANNOTATE_NOENDBR
"	.irp	hi, 0, 1, 2, 3, 4, 5, 6, 7\n"
"	.irp	lo, 0, 1, 2, 3, 4, 5, 6, 7\n"
"	.balign " __stringify(KP_STUB_SIZE) "\n"
"	.type	kp_stub_\\hi\\lo, @function\n"
"kp_stub_\\hi\\lo:\n"
	CALL_DEPTH_ACCOUNT "\n"
"	movq	kp_stub_target + 8 * (8 * \\hi + \\lo)(%rip), %r11\n"
"	movq	%r11, (%rsp)\n"
	ASM_RET
"	.size	kp_stub_\\hi\\lo, . - kp_stub_\\hi\\lo\n"
"	.endr\n"
"	.endr\n"
"	.popsection\n");

static int kp_stub_get(struct kp_direct *direct)
{
	direct->stub = find_first_zero_bit(kp_stubs_used, KP_DIRECT_MAX);
	if (direct->stub >= KP_DIRECT_MAX)
		return -ENOSPC;
	__set_bit(direct->stub, kp_stubs_used);
	/* The registration, which changes text, comes after that on all CPUs. */
	WRITE_ONCE(kp_stub_target[direct->stub], direct->new);
	return 0;
}

static void kp_stub_put(struct kp_direct *direct)
{
	__clear_bit(direct->stub, kp_stubs_used);
}

static unsigned long kp_direct_target(const struct kp_direct *direct)
{
	return (unsigned long)kp_stubs + direct->stub * KP_STUB_SIZE;
}

const char *kp_direct_how(const struct kp_direct *direct)
{
	return kp_direct_site_calls(direct->addr, kp_direct_target(direct)) ?
		"direct" : NULL;
}

#endif /* !KP_HAVE_FTRACE_JMP */

const char *kp_direct_unusable(void)
{
	return NULL;
}

void kp_direct_share_begin(void)
{
	WRITE_ONCE(kp_direct_sharer, current);
}

void kp_direct_share_end(void)
{
	WRITE_ONCE(kp_direct_sharer, NULL);
}

/*
 * Somebody registers an ops that changes the ip, for a function of ours.  If
 * that was allowed, calls would go where we send them and not where the other
 * does: a live patch that believes to be in effect.
 */
static int kp_direct_ops_func(KP_FTRACE_OPS_FUNC_ARGS)
{
	switch (cmd) {
	case FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF:
	case FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER:
		/* This runs in the task that registers it. */
		return READ_ONCE(kp_direct_sharer) == current ? 0 : -EBUSY;
	default:
		return 0;
	}
}

struct kp_direct *kp_direct_new(unsigned long addr, unsigned long new)
{
	struct kp_direct *direct;
	int ret;

	direct = kzalloc(sizeof(*direct), GFP_KERNEL);
	if (!direct)
		return ERR_PTR(-ENOMEM);
	direct->addr = addr;
	direct->new = new;
	direct->ops.ops_func = kp_direct_ops_func;
	ret = kp_stub_get(direct);
	if (ret)
		goto err_free;
	ret = ftrace_set_filter_ip(&direct->ops, addr, 0, 0);
	if (ret)
		goto err_stub;
	kp_yield_begin();
	kp_direct_share_begin();
	ret = kp_register_direct(&direct->ops, kp_direct_target(direct));
	kp_direct_share_end();
	kp_yield_end();
	if (ret)
		goto err_filter;
	/* Not before: the registration sets the flags anew. */
	direct->ops.flags |= KP_FTRACE_FL_PERMANENT;
	return direct;

err_filter:
	ftrace_set_filter_ip(&direct->ops, addr, 1, 0);
err_stub:
	kp_stub_put(direct);
err_free:
	kfree(direct);
	return ERR_PTR(ret);
}

void kp_direct_free(struct kp_direct *direct)
{
	if (!direct)
		return;
	kp_yield_begin();
	WARN_ON(kp_unregister_direct(&direct->ops, kp_direct_target(direct)));
	kp_yield_end();
	ftrace_set_filter_ip(&direct->ops, direct->addr, 1, 0);
	kp_stub_put(direct);
	kfree(direct);
}

#else /* !KP_HAVE_DIRECT */

const char *kp_direct_unusable(void)
{
	return "this kernel's direct calls cannot take over from an ftrace handler";
}

void kp_direct_share_begin(void)
{
}

void kp_direct_share_end(void)
{
}

struct kp_direct *kp_direct_new(unsigned long addr, unsigned long new)
{
	return ERR_PTR(-EOPNOTSUPP);
}

void kp_direct_free(struct kp_direct *direct)
{
}

const char *kp_direct_how(const struct kp_direct *direct)
{
	return NULL;
}

#endif /* !KP_HAVE_DIRECT */
