/* SPDX-License-Identifier: GPL-2.0 */
/* What core/ must know about x86-64. */
#ifndef _KP_ARCH_X86_H
#define _KP_ARCH_X86_H

#include "compat.h"

#include <asm/processor.h>
#include <asm/ptrace.h>

/*
 * Two bits a task, owned by tasks.c, kept in thread_info's flags.  The kernel
 * looks at the low half only, with masks that name every bit it means, and
 * copies the word to the children of a task.  Until 4.8 the word has 32 bits,
 * of which 26 and 31 mean nothing.
 */
#if KP_HAVE_THREAD_INFO_IN_TASK
#define KP_TIF_SIDE	62
#define KP_TIF_WATCH	61
#else
#define KP_TIF_SIDE	31
#define KP_TIF_WATCH	26
#endif

/*
 * The stack pointer of a task that is switched out, or of the caller if the
 * task is current: what lies below it is dead.
 */
static __always_inline unsigned long kp_arch_sp(struct task_struct *task)
{
	if (task == current)
		return (unsigned long)__builtin_frame_address(0);
	return READ_ONCE(task->thread.sp);
}

/*
 * Old kernels leave out the first registers of struct pt_regs when they enter a
 * system call, and have the call's own frame there.
 */
#if KP_HAVE_PARTIAL_PT_REGS
#define KP_ARCH_LEFT_OUT	offsetof(struct pt_regs, r11)
#else
#define KP_ARCH_LEFT_OUT	0
#endif

/*
 * The words of [kp_arch_sp(), kp_arch_stack_end()) are what the task's kernel
 * code has on its stack.  The registers that a user task had in user mode lie
 * above: user space chooses what is in there, so they are not looked at; except
 * for those that may have been left out.
 */
static inline unsigned long kp_arch_stack_end(struct task_struct *task,
					      unsigned long stack)
{
	if (task->flags & PF_KTHREAD)
		return stack + THREAD_SIZE;
	return stack + KP_ARCH_LEFT_OUT + ((unsigned long)task_pt_regs(task) -
					   (unsigned long)task_stack_page(task));
}

/* How far into a function its call site can be: behind an ENDBR, or not. */
#define KP_ARCH_SITE_OFFSETS	{ 0, 4 }
#define KP_ARCH_NR_SITES	2

/* Which of the two it is, at a guess. */
static inline unsigned int kp_arch_likely_site(unsigned long addr)
{
	return *(const unsigned int *)addr == 0xfa1e0ff3 /* endbr64 */;
}

/*
 * Does the function at @start, of which @size bytes are there, make a frame?  That
 * is push %rbp and mov %rsp,%rbp, with others before, between and behind them.
 */
static inline bool kp_arch_makes_frame(unsigned long start, unsigned long size)
{
	const unsigned char *insn = (const unsigned char *)start;
	bool pushed = false;
	unsigned long i;

	for (i = 0; i < 128 && i + 3 <= size; i++) {
		if (insn[i] == 0x55)
			pushed = true;
		else if (pushed && insn[i] == 0x48 && insn[i + 1] == 0x89 &&
			 insn[i + 2] == 0xe5)
			return true;
	}
	return false;
}

#define KP_ARCH_INT3	0xcc
#define KP_ARCH_CALL	0xe8
#define KP_ARCH_JMP	0xe9
/* The NOP at a site that nobody traces: its first four bytes of five. */
#define KP_ARCH_NOP	0x00441f0f

/*
 * What the instruction at @site calls or jumps to, or 0.  Text that is being
 * changed begins with a breakpoint, which is neither.
 */
static inline unsigned long kp_arch_site_target(unsigned long site,
						unsigned char opcode)
{
	if (READ_ONCE(*(unsigned char *)site) != opcode)
		return 0;
	return site + 5 + READ_ONCE(*(int *)(site + 1));
}

/* Does nobody trace the function at @addr?  False if in doubt. */
static inline bool kp_arch_site_is_free(unsigned long addr)
{
	return READ_ONCE(*(const unsigned int *)addr) == KP_ARCH_NOP ||
	       READ_ONCE(*(const unsigned int *)(addr + 4)) == KP_ARCH_NOP;
}

/*
 * The instruction behind the call site of the function at @addr.  The site, a
 * call, a jump or a NOP, has 5 bytes; while it is being changed it begins with
 * a breakpoint.  It is the first instruction or follows
 * ENDBR, or what boot has put in place of that, which has 4.
 */
static inline unsigned long kp_arch_behind_site(unsigned long addr)
{
	unsigned int insn = READ_ONCE(*(const unsigned int *)addr);
	unsigned char opcode = insn;

	if (opcode == KP_ARCH_CALL || opcode == KP_ARCH_JMP ||
	    opcode == KP_ARCH_INT3 || insn == KP_ARCH_NOP)
		return addr + 5;
	return IS_ENABLED(CONFIG_X86_KERNEL_IBT) ? addr + 9 : addr + 5;
}

/* Every name that a trampoline has had which hides a caller's address. */
#define KP_ARCH_RETURN_TRAMPOLINES					\
	"return_to_handler",						\
	"kretprobe_trampoline",						\
	"__kretprobe_trampoline",					\
	"arch_rethook_trampoline"

#endif /* _KP_ARCH_X86_H */
