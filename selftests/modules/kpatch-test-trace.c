// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-test-trace: calls kt_f() of kpatch-test-target from where ftrace does
 * not like to see calls: from within its own handlers, and those of kprobes.
 *
 *   nested   read: calls it from a handler, from a handler that interrupts that
 *	      one, and so on, where both functions have two tracers
 *   probed   read: calls it from the handler of a kprobe
 *   calls    how many there were
 *   old      how many of them got version 0
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#include "kpatch-test.h"
#include "../../core/compat/compat.h"
#include "../../core/compat/ftrace.h"

#define KT_LEVELS	4

static unsigned long kt_calls;
module_param_named(calls, kt_calls, ulong, 0444);
static unsigned long kt_old;
module_param_named(old, kt_old, ulong, 0444);

static noinline void kt_count(void)
{
	kt_calls++;
	if (!kt_f())
		kt_old++;
}

/* Each has a handler, which calls the next. */
static noinline __noclone void kt_level0(void)
{
	barrier();
}

static noinline __noclone void kt_level1(void)
{
	barrier();
}

static noinline __noclone void kt_level2(void)
{
	barrier();
}

static noinline __noclone void kt_level3(void)
{
	barrier();
}

static noinline __noclone void kt_probed(void)
{
	barrier();
}

static void (*const kt_levels[KT_LEVELS + 1])(void) = {
	kt_level0, kt_level1, kt_level2, kt_level3
};

static int kt_level;

static void notrace kt_handler(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops,
			       struct ftrace_regs *fregs)
{
	kt_count();
	if (kt_level >= KT_LEVELS - 1)
		return;
	kt_level++;
	kt_levels[kt_level]();
	kt_level--;
}

/* Makes it two tracers. */
static void notrace kt_bystander(unsigned long ip, unsigned long parent_ip,
				 struct ftrace_ops *ops,
				 struct ftrace_regs *fregs)
{
}

static struct ftrace_ops kt_ops = {
	.func = kt_handler,
	.flags = KP_FTRACE_FL_UNPROTECTED,
};

static struct ftrace_ops kt_bystander_ops = {
	.func = kt_bystander,
	.flags = KP_FTRACE_FL_UNPROTECTED,
};

static int kt_probe_hit(struct kprobe *kp, struct pt_regs *regs)
{
	kt_count();
	return 0;
}

static struct kprobe kt_probe = {
	.symbol_name = "kt_probed",
	.pre_handler = kt_probe_hit,
};

static int kt_run(char *buf, void (*fn)(void))
{
	unsigned long flags;

	local_irq_save(flags);
	fn();
	local_irq_restore(flags);
	return sprintf(buf, "%lu of %lu\n", kt_old, kt_calls);
}

static int kt_get_nested(char *buf, const struct kernel_param *kp)
{
	return kt_run(buf, kt_level0);
}

static int kt_get_probed(char *buf, const struct kernel_param *kp)
{
	return kt_run(buf, kt_probed);
}

static const struct kernel_param_ops kt_nested_ops = { .get = kt_get_nested };
static const struct kernel_param_ops kt_probed_ops = { .get = kt_get_probed };
module_param_cb(nested, &kt_nested_ops, NULL, 0400);
module_param_cb(probed, &kt_probed_ops, NULL, 0400);

static int __init kt_trace_one(struct ftrace_ops *ops, bool with_f)
{
	int i, ret = 0;

	for (i = 0; i < KT_LEVELS && !ret; i++)
		ret = ftrace_set_filter_ip(ops, (unsigned long)kt_levels[i],
					   0, 0);
	if (!ret && with_f)
		ret = ftrace_set_filter_ip(ops, (unsigned long)kt_f, 0, 0);
	return ret ? ret : register_ftrace_function(ops);
}

static int __init kt_trace_init(void)
{
	int ret = kt_trace_one(&kt_ops, false);

	if (ret)
		return ret;
	ret = kt_trace_one(&kt_bystander_ops, true);
	if (ret)
		goto err_ops;
	ret = register_kprobe(&kt_probe);
	if (ret)
		goto err_bystander;
	return 0;

err_bystander:
	unregister_ftrace_function(&kt_bystander_ops);
err_ops:
	unregister_ftrace_function(&kt_ops);
	return ret;
}

static void __exit kt_trace_exit(void)
{
	unregister_kprobe(&kt_probe);
	unregister_ftrace_function(&kt_bystander_ops);
	unregister_ftrace_function(&kt_ops);
}

module_init(kt_trace_init);
module_exit(kt_trace_exit);
MODULE_DESCRIPTION("Calls of a patched function from handlers of tracers");
MODULE_LICENSE("GPL");
