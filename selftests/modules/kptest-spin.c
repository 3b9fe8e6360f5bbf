// SPDX-License-Identifier: GPL-2.0
/* A patch of the klp API for kpatch-test-spin's function. */

#include "kptest-patch.h"
#include "kpatch-test-spin.h"

static noinline long ks_klp_f(long a, long b, long c, long d, long e, long f,
			      long g, long h)
{
	return a + b + c + d + e + f + g + h + KS_NEW;
}

static struct klp_func funcs[] = {
	{ .old_name = "ks_f", .new_func = ks_klp_f, },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "kpatch_test_spin", .funcs = funcs, },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init ks_klp_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit ks_klp_exit(void)
{
}

module_init(ks_klp_init);
module_exit(ks_klp_exit);
MODULE_DESCRIPTION("A klp patch for kpatch-test-spin");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
