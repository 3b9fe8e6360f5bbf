// SPDX-License-Identifier: GPL-2.0
/*
 * Sees returns by kretprobes, for kernels before 5.18.
 *
 * A call passes two handlers: that of its function's kretprobe, which is what
 * sees its return, and the one that redirects it (redirect.c).  Which comes first
 * depends on who else uses kprobes.  The first one decides and leaves a mark for
 * the second.  Both run in one section with preemption off, so a mark a CPU and
 * level of interruption does.  Before marks are acted upon there is a phase in
 * which they are only left: when all calls that had begun before it are through,
 * every call has both handlers see it the same way.
 *
 * A kretprobe can be missed: there is no free instance, or an interrupt has come
 * in the middle of another probe.  The other handler has counted the call then,
 * and nobody takes the count back.
 *
 * In an NMI all are missed.  Up to 3.16, and on RHEL 7, a kretprobe takes locks
 * there that what the NMI has interrupted may hold; later kernels skip it as well.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "compat.h"
#include "call_returns.h"
#include "fault.h"
#include "redirect.h"
#include "symbol.h"

static int kp_returns_calls = 512;
module_param_named(refcount_calls, kp_returns_calls, int, 0644);
MODULE_PARM_DESC(refcount_calls, "model refcount: how many calls of a function can be counted at a time");

/* A function whose calls are counted. */
struct kp_site {
	struct list_head node;
	struct kretprobe rp;
};

/* The switch's lock. */
static LIST_HEAD(kp_sites);

/* What the kernel has a kretprobe's kprobe call. */
DEFINE_KP_UNEXPORTED(int, pre_handler,
		     (struct kprobe *kp, struct pt_regs *regs));

enum kp_party { KP_PARTY_NONE, KP_PARTY_PROBE, KP_PARTY_HOOK };

/* What the first handler of a call leaves for the second. */
struct kp_mark {
	unsigned long sp;
	enum kp_party by;
	enum kp_call call;
};

static DEFINE_PER_CPU(struct kp_mark[KP_COUNT_LEVELS], kp_marks);

/* @mark, of that level on this CPU, is left over: its second party is missed. */
static __always_inline void kp_unpaired(const struct kp_mark *mark, int level)
{
	if (mark->by == KP_PARTY_HOOK && mark->call == KP_CALL_COUNTED)
		kp_count_missed(level);
}

/*
 * @by is about to handle the call with stack pointer @sp; preemption is off.
 * What an interrupt leaves between the two is of another level, or paired.
 */
static notrace enum kp_call kp_decide(enum kp_party by, unsigned long sp)
{
	enum kp_count_phase phase = kp_count_phase();
	struct kp_mark *mark;
	int level;

	if (phase == KP_COUNT_OFF)
		return KP_CALL_OLD;

	level = kp_count_level();
	mark = &(*this_cpu_ptr(&kp_marks))[level];
	if (mark->by != KP_PARTY_NONE && mark->by != by && mark->sp == sp) {
		mark->by = KP_PARTY_NONE;
		/* Before the count it may be one of an earlier switch. */
		return phase == KP_COUNT_MARK ? KP_CALL_OLD : mark->call;
	}
	kp_unpaired(mark, level);
	mark->call = kp_count_enter();
	mark->sp = sp;
	mark->by = by;
	return mark->call;
}

static int notrace kp_probed(struct kprobe *kp, struct pt_regs *regs)
{
	if (!in_nmi())
		return kp_call(pre_handler)(kp, regs);
	container_of(kp, struct kretprobe, kp)->nmissed++;
	return 0;
}

static int notrace kp_entered(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	/* 1: the return is of no interest */
	return kp_decide(KP_PARTY_PROBE, regs->sp) != KP_CALL_COUNTED;
}

static int notrace kp_returned(struct kretprobe_instance *ri,
			       struct pt_regs *regs)
{
	kp_count_leave();
	return 0;
}

enum kp_call notrace kp_returns_call(struct pt_regs *regs)
{
	return kp_decide(KP_PARTY_HOOK, regs->sp);
}

/* The next two run in a worker on each CPU, interrupts off. */

static void kp_clear_marks(void)
{
	memset(this_cpu_ptr(&kp_marks), 0, sizeof(kp_marks));
}

void kp_returns_settle(void)
{
	struct kp_mark *marks = *this_cpu_ptr(&kp_marks);
	int level;

	for (level = 0; level < KP_COUNT_LEVELS; level++) {
		kp_unpaired(&marks[level], level);
		marks[level].by = KP_PARTY_NONE;
	}
	kp_count_settle();
}

void kp_returns_init(void)
{
}

const char *kp_returns_unusable(void)
{
	return NULL;
}

int kp_returns_begin(void)
{
	int cpu;

	/* A CPU that has been offline since may have some of an earlier switch. */
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(&kp_marks, cpu), 0, sizeof(kp_marks));
	return WARN_ON(!list_empty(&kp_sites)) ? -EBUSY : 0;
}

static int kp_site_register(struct kp_site *site)
{
	struct kprobe *kp = &site->rp.kp;
	int ret;

	/* Not on duty until the handler is ours. */
	kp->flags = KPROBE_FLAG_DISABLED;
	ret = kp_fault() ? -ENOMEM : register_kretprobe(&site->rp);
	if (ret)
		return ret;
	/* All kretprobes have the same. */
	if (!kp_found(pre_handler))
		kp_find_at(pre_handler, (unsigned long)kp->pre_handler);
	kp->pre_handler = kp_probed;
	ret = kp_fault() ? -ENOMEM : enable_kretprobe(&site->rp);
	if (ret)
		unregister_kretprobe(&site->rp);
	return ret;
}

int kp_returns_add(unsigned long addr)
{
	struct kp_site *site;
	int ret;

	list_for_each_entry(site, &kp_sites, node)
		if ((unsigned long)site->rp.kp.addr == addr)
			return 0;
	site = kp_fault() ? NULL : kzalloc(sizeof(*site), GFP_KERNEL);
	if (!site)
		return -ENOMEM;
	site->rp.kp.addr = (kprobe_opcode_t *)addr;
	site->rp.entry_handler = kp_entered;
	site->rp.handler = kp_returned;
	site->rp.maxactive = READ_ONCE(kp_returns_calls);
	ret = kp_site_register(site);
	if (ret) {
		pr_err("cannot count calls of %pS: no kretprobe (%d)\n",
		       (void *)addr, ret);
		kfree(site);
		return ret;
	}
	list_add(&site->node, &kp_sites);
	return 0;
}

void kp_returns_del(unsigned long addr)
{
	struct kp_site *site, *next;

	list_for_each_entry_safe(site, next, &kp_sites, node) {
		if ((unsigned long)site->rp.kp.addr != addr)
			continue;
		list_del(&site->node);
		unregister_kretprobe(&site->rp);
		kfree(site);
	}
}

/* The kernel waits for RCU once a call, not once a probe. */
void kp_returns_end(void)
{
	struct kretprobe *probes[32];
	struct kp_site *site, *next;
	unsigned int nr;

	while (!list_empty(&kp_sites)) {
		LIST_HEAD(gone);

		nr = 0;
		list_for_each_entry_safe(site, next, &kp_sites, node) {
			if (nr == ARRAY_SIZE(probes))
				break;
			probes[nr++] = &site->rp;
			list_move(&site->node, &gone);
		}
		unregister_kretprobes(probes, nr);
		list_for_each_entry_safe(site, next, &gone, node)
			kfree(site);
	}
}

void kp_returns_start(void)
{
	kp_count_set_phase(KP_COUNT_MARK);
	/* Calls that have passed one handler before that are through after... */
	kp_redirect_run(kp_clear_marks);
	/* ... and their marks, half of a pair, are gone. */
	kp_count_set_phase(KP_COUNT_ON);
}

void kp_returns_say_missed(void)
{
	struct kp_site *site;

	list_for_each_entry(site, &kp_sites, node)
		if (site->rp.nmissed || site->rp.kp.nmissed)
			pr_err("%pS was called and not counted (%d times)\n",
			       site->rp.kp.addr,
			       (int)(site->rp.nmissed + site->rp.kp.nmissed));
}
