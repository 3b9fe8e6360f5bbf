// SPDX-License-Identifier: GPL-2.0
/*
 * Can this task be inside this code?
 *
 * A function that is running, or waits for one that it has called, has left
 * an address inside itself on its stack: a return address, or the ip that an
 * interrupt saved.  If no word between the stack pointer and the stack's end
 * is such an address, the task is not inside.  That needs no unwinder and no
 * trust in one, and has no limit of depth.
 *
 * The opposite is not true: a word can be left over, or be a mere pointer.
 * There the kernel's reliable unwinder, if it has one, has the last word; a
 * stack that it cannot unwind to the end counts as busy, and so does one whose
 * end it believes to have found where no stack ends.  If there is none, frame
 * pointers may do (stack_walk.c).
 *
 * kretprobes and the function graph tracer replace return addresses with that
 * of a trampoline.  The trampolines are members of every set of ranges, so
 * that a stack which holds one is not cleared by the scan; the unwinder knows
 * where they keep the real addresses, or gives up.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/stacktrace.h>

#include "arch/x86.h"
#include "compat.h"
#include "fault.h"
#include "stack.h"
#include "stack_walk.h"
#include "symbol.h"

static const char * const kp_trampoline_names[] = {
	KP_ARCH_RETURN_TRAMPOLINES
};

static unsigned long kp_trampolines[ARRAY_SIZE(kp_trampoline_names)];

/* See kp_stack_busy() about its users. */
static unsigned long *kp_frames;

/* The kernel's entry code, and where kernel threads begin; as far as known. */
static struct kp_range kp_entry_text;
static struct kp_range kp_thread_starts[2];

/* The trampoline of rethooks, or NULL; see kp_must_not_unwind(). */
static struct kp_ranges *kp_rethook;

struct kp_ranges *kp_ranges_alloc(unsigned int max)
{
	struct kp_ranges *ranges;

	if (kp_fault())
		return NULL;
	max += ARRAY_SIZE(kp_trampolines);
	ranges = kvzalloc(sizeof(*ranges) + max * sizeof(ranges->r[0]),
			  GFP_KERNEL);
	if (ranges)
		ranges->max = max;
	return ranges;
}

void kp_ranges_free(struct kp_ranges *ranges)
{
	kvfree(ranges);
}

void kp_ranges_add(struct kp_ranges *ranges, unsigned long start,
		   unsigned long size, const char *name)
{
	struct kp_range *r;

	if (WARN_ON(ranges->nr >= ranges->max))
		return;
	r = &ranges->r[ranges->nr++];
	r->start = start;
	r->end = start + size;
	r->name = name;
}

static int kp_range_cmp(const void *a, const void *b)
{
	const struct kp_range *ra = a, *rb = b;

	return ra->start < rb->start ? -1 : ra->start > rb->start;
}

void kp_ranges_seal(struct kp_ranges *ranges)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(kp_trampolines); i++)
		if (kp_trampolines[i])
			kp_ranges_add(ranges, kp_trampolines[i], 1,
				      "a call whose return is probed");

	sort(ranges->r, ranges->nr, sizeof(ranges->r[0]), kp_range_cmp, NULL);

	/* Ranges that overlap become one: look-ups see one candidate. */
	for (i = 1, n = 0; i < ranges->nr; i++) {
		if (ranges->r[i].start < ranges->r[n].end)
			ranges->r[n].end = max(ranges->r[n].end,
					       ranges->r[i].end);
		else
			ranges->r[++n] = ranges->r[i];
	}
	if (ranges->nr)
		ranges->nr = n + 1;
}

static const struct kp_range *kp_ranges_find(const struct kp_ranges *ranges,
					     unsigned long addr)
{
	unsigned int lo = 0, hi = ranges->nr;

	/* Most words are no code at all, and are done with here. */
	if (!hi || addr < ranges->r[0].start || addr >= ranges->r[hi - 1].end)
		return NULL;

	/* The last range that starts at or below addr is in [lo, hi). */
	while (hi - lo > 1) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (ranges->r[mid].start <= addr)
			lo = mid;
		else
			hi = mid;
	}
	return addr < ranges->r[lo].end ? &ranges->r[lo] : NULL;
}

static bool kp_hit(struct kp_stack_hit *hit, const struct kp_range *range,
		   unsigned long addr)
{
	if (hit) {
		hit->addr = addr;
		hit->name = range->name;
		hit->unwound = false;
	}
	return true;
}

bool kp_ranges_hit(const struct kp_ranges *ranges, unsigned long addr,
		   struct kp_stack_hit *hit)
{
	const struct kp_range *range = kp_ranges_find(ranges, addr);

	if (!range)
		return false;
	kp_hit(hit, range, addr);
	if (hit)
		hit->unwound = true;
	return true;
}

/* The caller sees to it that the stack stays where it is. */
static bool kp_scan(struct task_struct *task, void *stack, unsigned long sp,
		    const struct kp_ranges *ranges, struct kp_stack_hit *hit)
{
	unsigned long low = (unsigned long)stack;
	unsigned long end = kp_arch_stack_end(task, low);
	const struct kp_range *range;

	/* A stack pointer that is elsewhere tells nothing: look at it all. */
	if (sp < low || sp > low + THREAD_SIZE)
		sp = low;

	for (sp &= ~(sizeof(long) - 1); sp < end; sp += sizeof(long)) {
		unsigned long word = READ_ONCE_NOCHECK(*(unsigned long *)sp);

		range = kp_ranges_find(ranges, word);
		if (range)
			return kp_hit(hit, range, word);
	}
	return false;
}

#if KP_HAVE_TRY_GET_TASK_STACK
DEFINE_KP_UNEXPORTED(void, put_task_stack, (struct task_struct *task));

static void *kp_get_stack(struct task_struct *task)
{
	return task == current ? task_stack_page(task) :
				 try_get_task_stack(task);
}

static void kp_put_stack(struct task_struct *task)
{
	if (task != current)
		kp_call(put_task_stack)(task);
}
#else
/* Stacks live as long as their task, on which the caller has a reference. */
static void *kp_get_stack(struct task_struct *task)
{
	return task_stack_page(task);
}

static void kp_put_stack(struct task_struct *task)
{
}
#endif

bool kp_stack_raw(struct task_struct *task, const struct kp_ranges *ranges,
		  unsigned long sp, struct kp_stack_hit *hit)
{
	void *stack = kp_get_stack(task);
	bool busy;

	/* Only a task that will never run again has lost its stack. */
	if (!stack)
		return false;
	busy = kp_scan(task, stack, sp ? sp : kp_arch_sp(task), ranges, hit);
	kp_put_stack(task);
	return busy;
}

#if !KP_HAVE_STACK_TRACE_SAVE
/* Up to 5.1 a complete trace ends in a mark, which is no address. */
static unsigned int kp_trace_length(const struct stack_trace *trace)
{
	unsigned int nr = trace->nr_entries;

	return nr && trace->entries[nr - 1] == ULONG_MAX ? nr - 1 : nr;
}
#endif

#if KP_HAVE_STACK_RELIABLE
DEFINE_KP_UNEXPORTED(int, unwind, (struct task_struct *task,
				   unsigned long *store, unsigned int size));

/* Number of return addresses, all of them, or an error. */
static int kp_unwind(struct task_struct *task, unsigned long *frames,
		     unsigned int max)
{
	return kp_found(unwind) ?
		kp_call(unwind)(task, frames, max) : -ENXIO;
}

#define KP_UNWINDER	"stack_trace_save_tsk_reliable"
#elif KP_HAVE_STACK_RELIABLE_OLD
DEFINE_KP_UNEXPORTED(int, unwind, (struct task_struct *task,
				   struct stack_trace *trace));

static int kp_unwind(struct task_struct *task, unsigned long *frames,
		     unsigned int max)
{
	struct stack_trace trace = {
		.entries = frames,
		.max_entries = max,
	};
	int ret = kp_found(unwind) ? kp_call(unwind)(task, &trace) : -ENXIO;

	return ret ? ret : kp_trace_length(&trace);
}

#define KP_UNWINDER	"save_stack_trace_tsk_reliable"
#else
DEFINE_KP_UNEXPORTED(int, unwind, (void));

static int kp_unwind(struct task_struct *task, unsigned long *frames,
		     unsigned int max)
{
	return -ENXIO;
}

#define KP_UNWINDER	"none"
#endif

static bool kp_in(const struct kp_range *range, unsigned long addr)
{
	return addr >= range->start && addr < range->end;
}

/*
 * Up to 6.2 the unwinder takes the thunks of indirect calls for the end of a
 * stack, and says that all is well.  No task sleeps there, but an interrupt can
 * come there, after which the task is preempted or we look at it.  So where the
 * kernel was interrupted, which shows as entry code that is not the last thing
 * on the stack, the last thing must be one from which tasks do begin.
 */
static bool kp_frames_complete(const unsigned long *frames, int nr)
{
	unsigned long last = nr ? frames[nr - 1] : 0;
	bool interrupted = false;
	int i;

	for (i = 0; i < nr - 1; i++)
		if (kp_in(&kp_entry_text, frames[i]))
			interrupted = true;
	if (!interrupted || kp_in(&kp_entry_text, last))
		return true;
	for (i = 0; i < ARRAY_SIZE(kp_thread_starts); i++)
		if (kp_in(&kp_thread_starts[i], last))
			return true;
	return false;
}

static bool kp_frames_busy(struct task_struct *task,
			   const struct kp_ranges *ranges,
			   unsigned long *frames, unsigned int max,
			   struct kp_stack_hit *hit)
{
	int i, nr;

	nr = kp_unwind(task, frames, max);
	if (nr < 0 || !kp_frames_complete(frames, nr))
		return true;
	for (i = 0; i < nr; i++)
		if (kp_ranges_hit(ranges, frames[i], hit))
			return true;
	return false;
}

/*
 * From 5.18 to 6.8 the unwinder warns when it meets a call whose return is probed
 * by a rethook in a task that is ready to run.  So such a stack is not shown to
 * it, unless it is the caller's own.
 */
static bool kp_must_not_unwind(struct task_struct *task)
{
	return task != current && !kp_task_state(task) && kp_rethook &&
	       kp_stack_raw(task, kp_rethook, 0, NULL);
}

bool kp_stack_busy(struct task_struct *task, const struct kp_ranges *ranges,
		   struct kp_stack_hit *hit)
{
	if (!kp_stack_raw(task, ranges, 0, hit))
		return false;
	if (KP_WALK_SLEEPERS)
		return kp_walk_busy(task, ranges, hit);
	return kp_must_not_unwind(task) ||
	       kp_frames_busy(task, ranges, kp_frames, KP_MAX_FRAMES, hit);
}

bool kp_stack_unwind_busy(struct task_struct *task,
			  const struct kp_ranges *ranges)
{
	return kp_frames_busy(task, ranges, kp_frames, KP_MAX_FRAMES, NULL);
}

bool kp_stack_busy_here(const struct kp_ranges *ranges, unsigned long sp,
			struct kp_frames *frames)
{
	if (!kp_stack_raw(current, ranges, sp, NULL))
		return false;
	if (!kp_frames_busy(current, ranges, frames->addr,
			    ARRAY_SIZE(frames->addr), NULL))
		return false;
	/* In an interrupt, that would begin in the wrong place. */
	return sp || kp_walk_busy(current, ranges, NULL);
}

#if KP_HAVE_STACK_TRACE_SAVE
DEFINE_KP_UNEXPORTED(unsigned int, trace,
		     (struct task_struct *task, unsigned long *store,
		      unsigned int size, unsigned int skip));

unsigned int kp_stack_trace(struct task_struct *task, unsigned long *entries,
			    unsigned int max)
{
	if (!kp_found(trace) || kp_must_not_unwind(task))
		return 0;
	return kp_call(trace)(task, entries, max, 0);
}

#define KP_TRACER	"stack_trace_save_tsk"
#else
DEFINE_KP_UNEXPORTED(void, trace,
		     (struct task_struct *task, struct stack_trace *trace));

unsigned int kp_stack_trace(struct task_struct *task, unsigned long *entries,
			    unsigned int max)
{
	struct stack_trace trace = { .entries = entries, .max_entries = max };

	if (!kp_found(trace))
		return 0;
	kp_call(trace)(task, &trace);
	return kp_trace_length(&trace);
}

#define KP_TRACER	"save_stack_trace_tsk"
#endif

const char *kp_stack_unwinder(void)
{
	if (kp_found(unwind))
		return KP_UNWINDER;
	return KP_WALK_SLEEPERS ? "frame pointers" : "none";
}

bool kp_stack_has_rethooks(void)
{
	return kp_rethook;
}

/* False: there is no memory. */
static bool kp_rethook_init(void)
{
	unsigned long addr = kp_symbol_lookup("arch_rethook_trampoline");

	if (!addr)
		return true;
	kp_rethook = kp_ranges_alloc(1);
	if (!kp_rethook)
		return false;
	kp_ranges_add(kp_rethook, addr, 1, "a rethook");
	return true;
}

static void kp_bottoms_init(void)
{
	static const char * const start[] = {
		"ret_from_fork", "ret_from_fork_asm"
	};
	struct kp_range *r;
	unsigned int i;

	kp_entry_text.start = kp_symbol_lookup("__entry_text_start");
	kp_entry_text.end = kp_symbol_lookup("__entry_text_end");
	for (i = 0; i < ARRAY_SIZE(start); i++) {
		r = &kp_thread_starts[i];
		r->start = kp_symbol_lookup(start[i]);
		r->end = r->start ? r->start + kp_symbol_size(r->start) : 0;
	}
}

int kp_stack_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kp_trampolines); i++)
		kp_trampolines[i] = kp_symbol_lookup(kp_trampoline_names[i]);

#if KP_HAVE_TRY_GET_TASK_STACK
	if (!kp_find(put_task_stack)) {
		pr_err("cannot find put_task_stack\n");
		return -ENXIO;
	}
#endif
	kp_bottoms_init();
	kp_walk_init();
	/* Who cannot tell where stacks end cannot judge what it says. */
	if (kp_entry_text.start && kp_entry_text.end)
		kp_find_as(unwind, KP_UNWINDER);
	kp_find_as(trace, KP_TRACER);

	kp_frames = kcalloc(KP_MAX_FRAMES, sizeof(*kp_frames), GFP_KERNEL);
	if (!kp_frames || !kp_rethook_init()) {
		kp_stack_exit();
		return -ENOMEM;
	}
	return 0;
}

void kp_stack_exit(void)
{
	kp_ranges_free(kp_rethook);
	kfree(kp_frames);
}
