// SPDX-License-Identifier: GPL-2.0
/*
 * A module that is not the kernel's own, for the case oot-module: what it
 * answers comes from a static function and a static variable.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int asked;

static noinline int answer(int x)
{
	asked++;
	return x * 2;
}

static int answer_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%d %d\n", answer(21), asked);
}

static const struct kernel_param_ops answer_ops = {
	.get = answer_get,
};

module_param_cb(answer, &answer_ops, NULL, 0444);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("target of a patch");
