// SPDX-License-Identifier: GPL-2.0
/*
 * Follows frame pointers, on kernels before 5.2.
 *
 * Those before 4.12 have no reliable unwinder, and that of RHEL 7 loses its way
 * where tasks leave the kernel.  A chain of frame pointers is to be believed if
 *
 *  - it begins with the caller or with a task that called schedule(), not where
 *    an interrupt came, at which a function may have no frame yet;
 *  - each address on it is in a function that makes itself a frame.  Assembly
 *    that does not would hide its caller;
 *  - no other address on it is in entry code: that is an interrupt or an
 *    exception, as above;
 *  - it ends where stacks end, to a byte: entry code calls its function right
 *    below the registers that it has saved.
 *
 * Everything else counts as being inside, which is what it looked like before
 * somebody asked here.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "arch/x86.h"
#include "compat.h"
#include "stack.h"
#include "stack_walk.h"
#include "symbol.h"

#if defined(CONFIG_FRAME_POINTER) && !KP_HAVE_STACK_RELIABLE

/* Entry code, and what old kernels have of it elsewhere. */
static struct kp_range kp_entry[2];

struct kp_frame {
	unsigned long bp;
	unsigned long ret;
};

static bool kp_walk_is_entry(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kp_entry); i++)
		if (addr >= kp_entry[i].start && addr < kp_entry[i].end)
			return true;
	return false;
}

static bool kp_walk_is_end(struct task_struct *task, unsigned long bp)
{
	unsigned long regs = (unsigned long)task_pt_regs(task);

	bp += sizeof(struct kp_frame);
	return bp == regs || bp == regs + KP_ARCH_LEFT_OUT;
}

/* Does the function that is to return to @addr have a caller with a frame? */
static bool kp_walk_has_frame(unsigned long addr)
{
	unsigned long offset;

	/* A call that never returns may be the last thing in its function. */
	return kp_symbol_offset(addr - 1, &offset) &&
	       kp_arch_makes_frame(addr - 1 - offset, offset);
}

static unsigned long kp_walk_start(struct task_struct *task)
{
	unsigned long sp = task->thread.sp;
	unsigned long low = (unsigned long)task_stack_page(task);

	if (task == current)
		return (unsigned long)__builtin_frame_address(0);
	if (!KP_WALK_SLEEPERS || sp < low ||
	    sp > low + THREAD_SIZE - sizeof(long))
		return 0;
	/* switch_to() has pushed it last. */
	return READ_ONCE(*(unsigned long *)sp);
}

bool kp_walk_busy(struct task_struct *task, const struct kp_ranges *ranges,
		  struct kp_stack_hit *hit)
{
	unsigned long low = (unsigned long)task_stack_page(task);
	unsigned long high = low + THREAD_SIZE - sizeof(struct kp_frame);
	unsigned long bp = kp_walk_start(task);
	struct kp_frame frame;

	for (; bp >= low && bp <= high && bp % sizeof(long) == 0;
	     bp = frame.bp) {
		frame.bp = READ_ONCE(((struct kp_frame *)bp)->bp);
		frame.ret = READ_ONCE(((struct kp_frame *)bp)->ret);
		if (kp_walk_is_entry(frame.ret))
			return !kp_walk_is_end(task, bp);
		if (kp_ranges_hit(ranges, frame.ret, hit) ||
		    !kp_walk_has_frame(frame.ret))
			return true;
		low = bp + sizeof(frame);
	}
	return true;
}

void kp_walk_init(void)
{
	kp_entry[0].start = kp_symbol_lookup("__entry_text_start");
	kp_entry[0].end = kp_symbol_lookup("__entry_text_end");
	kp_entry[1].start = kp_symbol_lookup("__kprobes_text_start");
	kp_entry[1].end = kp_symbol_lookup("__kprobes_text_end");
}

#endif /* CONFIG_FRAME_POINTER && !KP_HAVE_STACK_RELIABLE */
