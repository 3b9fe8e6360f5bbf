/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reach functions and variables that the kernel does not export
 *
 * A replacement function lives in a module, but it replaces code that lived
 * in the kernel and used whatever it liked.  Sooner or later it needs a symbol
 * without EXPORT_SYMBOL(), and modpost refuses the module.  What to do?
 *
 *  - A patch made by a build tool (kpatch-build, klp-build) needs none of this
 *    file: the tool writes a relocation section .klp.rela.vmlinux..text that
 *    names .klp.sym.vmlinux.vm_commit_limit,0, and the livepatch core fills in
 *    the address when it loads the patch.  No C source can ask for that.
 *  - A hand-written patch asks kallsyms at load time, before the patch is
 *    enabled, and refuses to load when one name is missing.  Never look a name
 *    up in the patched function itself: there it is too late to fail.
 *  - Copying the unexported function into the patch "works" until the copy
 *    and the kernel's own data disagree.
 *
 * kallsyms_lookup_name() itself has not been exported since 5.7.  A kprobe
 * takes a symbol's *name* and gives its address back, so a probe that is
 * registered disabled (no breakpoint gets written) finds it.
 *
 * The addresses go into static calls, not into function pointers.  On a kernel
 * with indirect branch tracking (CONFIG_X86_KERNEL_IBT) an indirect call must
 * land on an ENDBR instruction, and boot erases that from every function whose
 * address nobody takes: those are the very functions this file is about, and
 * the first call through a pointer would be a #CP oops.  A static call is
 * patched into a direct call, as the kernel's own callers have it.  (For the
 * same reason the probe's address may be 4 past the symbol there, behind the
 * ENDBR: a direct call can go to it, a pointer could not.)
 */
#ifndef SAMPLES_UNEXPORTED_H
#define SAMPLES_UNEXPORTED_H

#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>

#include "static-call.h"

static unsigned long unexported_address(const char *name);

/*
 * At file scope: this file wants to call @name, which some header declares.
 * find_<name>() then finds it (0, or -ENOENT and a line in the log), and
 * unexported(<name>)(args...) calls it.
 */
#define UNEXPORTED_FUNC(name)						\
DEFINE_STATIC_CALL_NULL(kp_##name, name);				\
static int find_##name(void)						\
{									\
	unsigned long addr = unexported_address(#name);			\
									\
	if (!addr)							\
		return -ENOENT;						\
	static_call_update(kp_##name, (__typeof__(name) *)addr);	\
	return 0;							\
}									\
struct kp_##name##_end	/* takes the semicolon */
#define unexported(name)	static_call(kp_##name)

/* The same for a variable, which is then read as unexported_data(<name>). */
#define UNEXPORTED_DATA(name)						\
static __typeof__(name) *kp_##name;					\
static int find_##name(void)						\
{									\
	kp_##name = (void *)unexported_address(#name);			\
	return kp_##name ? 0 : -ENOENT;					\
}									\
struct kp_##name##_end
#define unexported_data(name)	(*kp_##name)

DEFINE_STATIC_CALL_NULL(kp_kallsyms_lookup_name, kallsyms_lookup_name);

/* Call this first; it finds what finds the rest. */
static int unexported_init(void)
{
	struct kprobe probe = {
		.symbol_name	= "kallsyms_lookup_name",
		.flags		= KPROBE_FLAG_DISABLED,
	};
	int ret;

	ret = register_kprobe(&probe);
	if (ret) {
		pr_err("cannot find kallsyms_lookup_name (%d): is CONFIG_KPROBES set?\n",
		       ret);
		return ret;
	}
	static_call_update(kp_kallsyms_lookup_name,
			   (__typeof__(kallsyms_lookup_name) *)probe.addr);
	unregister_kprobe(&probe);
	return 0;
}

/* Variables are there with CONFIG_KALLSYMS_ALL, which CONFIG_LIVEPATCH needs. */
static unsigned long unexported_address(const char *name)
{
	unsigned long addr = unexported(kallsyms_lookup_name)(name);

	if (!addr)
		pr_err("this kernel has no symbol '%s'\n", name);
	return addr;
}

#endif /* SAMPLES_UNEXPORTED_H */
