// SPDX-License-Identifier: GPL-2.0
/*
 * A patch for kpatch-bench-target, of the klp API; loading it enables it, and the
 * file "enabled" that each such patch has disables it.
 *
 *   funcs  how many functions it has
 *   times  read: what the last of these took, in ns, until everybody was
 *	    switched (the callback that follows); when disabled, see below
 *   disabling  write to it right before
 */

#include "kptest-patch.h"
#include "kpatch-bench.h"

static unsigned int funcs = 1;
module_param(funcs, uint, 0444);

static struct kb_times times;

#define KB_X(n)								\
static noinline int kb_klp##n(void)					\
{									\
	return -1##n;							\
}

#include "kpatch-bench-list.h"

static struct klp_func kb_funcs[KB_FUNCS + 1] = {
#define KB_X(n)	{ .old_name = "kb_f" #n, .new_func = kb_klp##n },
#include "kpatch-bench-list.h"
};

static void kb_switched(struct klp_object *obj)
{
	times.reached = ktime_to_ns(ktime_get());
}

static struct klp_object objs[] = {
	{
		.name = "kpatch_bench_target",
		.funcs = kb_funcs,
		.callbacks = {
			.post_patch = kb_switched,
			.post_unpatch = kb_switched,
		},
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int kb_set_disabling(const char *val, const struct kernel_param *kp)
{
	times.start = ktime_to_ns(ktime_get());
	return 0;
}

static const struct kernel_param_ops kb_disabling_ops = {
	.set = kb_set_disabling
};
module_param_cb(disabling, &kb_disabling_ops, NULL, 0200);

static int kb_get_times(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%llu %llu\n", times.reached - times.start,
		       times.returned - times.start);
}

static const struct kernel_param_ops kb_times_ops = { .get = kb_get_times };
module_param_cb(times, &kb_times_ops, NULL, 0444);

static int __init kb_klp_init(void)
{
	int ret;

	if (funcs < KB_FUNCS)
		memset(&kb_funcs[funcs], 0, sizeof(kb_funcs[0]));
	times.start = ktime_to_ns(ktime_get());
	ret = klp_enable_patch(&patch);
	times.returned = ktime_to_ns(ktime_get());
	return ret;
}

static void __exit kb_klp_exit(void)
{
}

module_init(kb_klp_init);
module_exit(kb_klp_exit);
MODULE_DESCRIPTION("A klp patch to be measured");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
