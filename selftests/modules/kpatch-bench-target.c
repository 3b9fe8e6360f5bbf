// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-bench-target: functions to be patched, and what their patches cost.
 *
 *   percall  read: what a call of kb_f00() costs, in hundredths of a cycle (with
 *	      icount: of an instruction), from its call to its return, without
 *	      the one instruction that it consists of
 *   handler  1: the least that an ftrace handler can do sends the calls of
 *	      kb_f00() elsewhere, for comparison
 *   bare     1: such a handler is registered for all functions, 0: it goes;
 *	      nothing else, so that it shows what is the kernel's own share
 *   probed   1: so is a kretprobe of kb_f00(), 0: it goes
 *   window   read: how long, in ns, CPUs were stopped last, from the first that
 *	      was to the last; write: forget
 */
#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "kpatch-bench.h"
#include "../../core/compat/compat.h"
#include "../../core/compat/ftrace.h"
#include "../../core/compat/trace.h"

#define KB_CALLS	20000

/* No two functions alike: the compiler would make one of them. */
static int kb_number[200];

#define KB_X(n)								\
static noinline __noclone __used int kb_f##n(void)			\
{									\
	return READ_ONCE(kb_number[1##n]);				\
}

#include "kpatch-bench-list.h"

/* Calls are made the way most are: directly. */

static noinline u64 kb_loop_calls(void)
{
	u64 start = get_cycles();
	int i;

	for (i = 0; i < KB_CALLS; i++) {
		barrier();
		kb_f00();
	}
	return get_cycles() - start;
}

/* The same without calls. */
static noinline u64 kb_loop_inline(void)
{
	u64 start = get_cycles();
	int i;

	for (i = 0; i < KB_CALLS; i++) {
		barrier();
		READ_ONCE(kb_number[100]);
	}
	return get_cycles() - start;
}

static int kb_get_percall(char *buf, const struct kernel_param *kp)
{
	u64 best = ULLONG_MAX, base = ULLONG_MAX;
	unsigned long flags;
	int i;

	for (i = 0; i < 5; i++) {
		local_irq_save(flags);
		base = min(base, kb_loop_inline());
		best = min(best, kb_loop_calls());
		local_irq_restore(flags);
	}
	return sprintf(buf, "%llu\n", div_u64(100 * (best - base), KB_CALLS));
}

static const struct kernel_param_ops kb_percall_ops = { .get = kb_get_percall };
module_param_cb(percall, &kb_percall_ops, NULL, 0444);

/* The least that a handler can do. */

static noinline notrace int kb_elsewhere(void)
{
	return READ_ONCE(kb_number[99]);
}

static void notrace kb_handler(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops,
			       struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)kb_elsewhere);
}

static struct ftrace_ops kb_ops = {
	.func = kb_handler,
	.flags = KP_FTRACE_FLAGS,
};

static bool kb_handling;

static int kb_set_handler(const char *val, const struct kernel_param *kp)
{
	unsigned long addr = (unsigned long)kb_f00;
	bool on;
	int ret;

	ret = kstrtobool(val, &on);
	if (ret || on == kb_handling)
		return ret;
	if (on) {
		ret = ftrace_set_filter_ip(&kb_ops, addr, 0, 0);
		if (!ret)
			ret = register_ftrace_function(&kb_ops);
	} else {
		ret = unregister_ftrace_function(&kb_ops);
		ftrace_set_filter_ip(&kb_ops, addr, 1, 0);
	}
	if (!ret)
		kb_handling = on;
	return ret;
}

static const struct kernel_param_ops kb_handler_ops = { .set = kb_set_handler };
module_param_cb(handler, &kb_handler_ops, NULL, 0200);

/* The kernel's own share of what patches cost. */

/* Lists of one: that is what KB_X() can be. */
static unsigned long kb_all[][1] = {
#define KB_X(n)	{ (unsigned long)kb_f##n },
#include "kpatch-bench-list.h"
};

static struct ftrace_ops kb_all_ops = {
	.func = kb_handler,
	.flags = KP_FTRACE_FLAGS,
};

static int kb_bare(bool on)
{
	int ret;

	if (!on) {
		ret = unregister_ftrace_function(&kb_all_ops);
		ftrace_set_filter(&kb_all_ops, NULL, 0, 1);
		return ret;
	}
	ret = ftrace_set_filter_ips(&kb_all_ops, kb_all[0],
				    ARRAY_SIZE(kb_all), 0, 0);
	return ret ? ret : register_ftrace_function(&kb_all_ops);
}

static int kb_returned(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return 0;
}

static struct kretprobe kb_probe = {
	.handler = kb_returned,
	.kp.addr = (kprobe_opcode_t *)kb_f00,
};

static int kb_probed(bool on)
{
	if (on)
		return register_kretprobe(&kb_probe);
	unregister_kretprobe(&kb_probe);
	/* For the next time: it is left marked as disabled. */
	kb_probe.kp.flags = 0;
	return 0;
}

struct kb_share {
	int (*set)(bool on);
	bool on;
};

static struct kb_share kb_bare_share = { .set = kb_bare };
static struct kb_share kb_probed_share = { .set = kb_probed };

static int kb_set_share(const char *val, const struct kernel_param *kp)
{
	struct kb_share *share = kp->arg;
	bool on;
	int ret;

	ret = kstrtobool(val, &on);
	if (ret || on == share->on)
		return ret;
	ret = share->set(on);
	if (!ret)
		share->on = on;
	return ret;
}

static const struct kernel_param_ops kb_share_ops = { .set = kb_set_share };
module_param_cb(bare, &kb_share_ops, &kb_bare_share, 0200);
module_param_cb(probed, &kb_share_ops, &kb_probed_share, 0200);

/* The stop window, seen from outside: when the stop machine's threads run. */

static DEFINE_SPINLOCK(kb_window_lock);
static unsigned int kb_stopped;
static u64 kb_window_start, kb_window;

static bool kb_is_stopper(const struct task_struct *task)
{
	return !strncmp(task->comm, "migration/", 10);
}

static void kb_sched_switch(KP_SCHED_SWITCH_ARGS)
{
	bool in = kb_is_stopper(next), out = kb_is_stopper(prev);

	if (in == out)
		return;
	spin_lock(&kb_window_lock);
	if (in && !kb_stopped++)
		kb_window_start = ktime_to_ns(ktime_get());
	if (out && kb_stopped && !--kb_stopped)
		kb_window = max_t(u64, kb_window,
				  ktime_to_ns(ktime_get()) - kb_window_start);
	spin_unlock(&kb_window_lock);
}

static int kb_get_window(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%llu\n", kb_window);
}

static int kb_set_window(const char *val, const struct kernel_param *kp)
{
	kb_window = 0;
	return 0;
}

static const struct kernel_param_ops kb_window_ops = {
	.get = kb_get_window,
	.set = kb_set_window,
};
module_param_cb(window, &kb_window_ops, NULL, 0644);

static int __init kb_init(void)
{
	return kp_tracepoint_register("sched_switch", kb_sched_switch);
}

static void __exit kb_exit(void)
{
	kp_tracepoint_unregister("sched_switch", kb_sched_switch);
	tracepoint_synchronize_unregister();
}

module_init(kb_init);
module_exit(kb_exit);
MODULE_DESCRIPTION("Functions to be patched, and what that costs");
MODULE_LICENSE("GPL");
