// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-syscall: replace a system call
 *
 * personality(ADDR_NO_RANDOMIZE) lets a program start its children without
 * address space randomization, which an administrator may not want on a machine
 * under attack.  This patch makes it fail, for everybody, without a reboot.
 *
 *   # setarch -R cat /proc/self/personality
 *   00040000
 *   # insmod samples/livepatch-syscall.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_syscall/transition; do sleep 1; done
 *   # setarch -R cat /proc/self/personality 2>/dev/null || echo refused
 *   refused
 *   # cat /proc/self/personality
 *   00000000
 *   # echo 0 > /sys/kernel/livepatch/livepatch_syscall/enabled
 *   # until rmmod livepatch_syscall 2>/dev/null; do sleep 1; done
 *   # setarch -R cat /proc/self/personality
 *   00040000
 *
 * Two things to know:
 *
 *  - No function of the kernel is called sys_personality.  Where an
 *    architecture has syscall wrappers (x86 since 4.17), the table points to
 *    __x64_sys_personality(), which gets the caller's registers, picks the
 *    arguments out of them (a 64-bit call's first one is in di) and has the
 *    body inlined.  So the wrapper is what can be replaced, and the replacement
 *    picks its arguments itself.
 *  - There is more than one way in.  32-bit programs come through
 *    __ia32_sys_personality(), with the first argument in bx.  A patch that
 *    forgets it leaves a hole: "setarch -R" of a 32-bit binary still works.
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/personality.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

/* What personality(2) does, and the new rule. */
static long kp_personality(unsigned int personality)
{
	unsigned int old = current->personality;

	if (personality == 0xffffffff)	/* only asks */
		return old;
	if (personality & ~old & ADDR_NO_RANDOMIZE)
		return -EPERM;
	set_personality(personality);
	return old;
}

#ifdef CONFIG_ARCH_HAS_SYSCALL_WRAPPER

static asmlinkage long kp_x64_sys_personality(const struct pt_regs *regs)
{
	return kp_personality(regs->di);
}

#ifdef CONFIG_IA32_EMULATION
static asmlinkage long kp_ia32_sys_personality(const struct pt_regs *regs)
{
	return kp_personality(regs->bx);
}
#endif

static struct klp_func funcs[] = {
	{
		.old_name = "__x64_sys_personality",
		.new_func = kp_x64_sys_personality,
	},
#ifdef CONFIG_IA32_EMULATION
	{
		.old_name = "__ia32_sys_personality",
		.new_func = kp_ia32_sys_personality,
	},
#endif
	{ }
};

#else /* the handler takes its arguments as any function does */

static asmlinkage long kp_sys_personality(unsigned int personality)
{
	return kp_personality(personality);
}

static struct klp_func funcs[] = {
	{
		.old_name = "sys_personality",
		.new_func = kp_sys_personality,
	}, { }
};

#endif

static struct klp_object objs[] = {
	{
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_syscall_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_syscall_exit(void)
{
}

module_init(livepatch_syscall_init);
module_exit(livepatch_syscall_exit);
MODULE_DESCRIPTION("Livepatch sample: replace a system call");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
