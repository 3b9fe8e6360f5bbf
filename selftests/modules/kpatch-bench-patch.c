// SPDX-License-Identifier: GPL-2.0
/*
 * A patch for kpatch-bench-target, of the kpatch API.
 *
 *   funcs  how many functions it has
 *   on     write 1, 0: enable, disable
 *   times  read: what the last of these took, in ns: until everybody was
 *	    switched (the callback that follows), and until the call returned
 */
#include <linux/kernel.h>
#include <linux/module.h>

#include "kpatch-bench.h"
#include "../../core/compat/compat.h"
#include "../../core/kpatch.h"

static unsigned int funcs = 1;
module_param(funcs, uint, 0444);

static struct kb_times times;

#define KB_X(n)								\
static noinline int kb_new##n(void)					\
{									\
	return -1##n;							\
}

#include "kpatch-bench-list.h"

static struct kpatch_func kb_funcs[KB_FUNCS] = {
#define KB_X(n)	{ .name = "kb_f" #n, .new_addr = (unsigned long)kb_new##n },
#include "kpatch-bench-list.h"
};

static void kb_switched(struct kpatch_object *obj)
{
	times.reached = ktime_to_ns(ktime_get());
}

static struct kpatch_object object = {
	.name = "kpatch_bench_target",
	.funcs = LIST_HEAD_INIT(object.funcs),
	.dynrelas = LIST_HEAD_INIT(object.dynrelas),
	.post_patch_callback = kb_switched,
	.post_unpatch_callback = kb_switched,
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static int kb_set_on(const char *val, const struct kernel_param *kp)
{
	bool on;
	int ret;

	ret = kstrtobool(val, &on);
	if (ret)
		return ret;
	times.start = ktime_to_ns(ktime_get());
	ret = on ? kpatch_register(&kpmod, false) : kpatch_unregister(&kpmod);
	times.returned = ktime_to_ns(ktime_get());
	return ret;
}

static const struct kernel_param_ops kb_on_ops = { .set = kb_set_on };
module_param_cb(on, &kb_on_ops, NULL, 0200);

static int kb_get_times(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%llu %llu\n", times.reached - times.start,
		       times.returned - times.start);
}

static const struct kernel_param_ops kb_times_ops = { .get = kb_get_times };
module_param_cb(times, &kb_times_ops, NULL, 0444);

static int __init kb_patch_init(void)
{
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, funcs, KB_FUNCS); i++)
		list_add_tail(&kb_funcs[i].list, &object.funcs);
	list_add_tail(&object.list, &kpmod.objects);
	return 0;
}

static void __exit kb_patch_exit(void)
{
}

module_init(kb_patch_init);
module_exit(kb_patch_exit);
MODULE_DESCRIPTION("A patch to be measured");
MODULE_LICENSE("GPL");
