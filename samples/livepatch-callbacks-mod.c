// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-callbacks-mod: a module to patch that comes and goes
 *
 *   # insmod samples/livepatch-callbacks-mod.ko
 *   # cat /sys/module/livepatch_callbacks_mod/parameters/greeting
 *   hello from the module
 *   # rmmod livepatch_callbacks_mod
 *
 * See livepatch-callbacks.c.
 */
#include <linux/kernel.h>
#include <linux/module.h>

static noinline __noclone const char *greeting(void)
{
	return "hello from the module\n";
}

static int greeting_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s", greeting());
}

static const struct kernel_param_ops greeting_ops = {
	.get = greeting_get,
};
module_param_cb(greeting, &greeting_ops, NULL, 0444);
MODULE_PARM_DESC(greeting, "says hello");

static int __init livepatch_callbacks_mod_init(void)
{
	return 0;
}

static void __exit livepatch_callbacks_mod_exit(void)
{
}

module_init(livepatch_callbacks_mod_init);
module_exit(livepatch_callbacks_mod_exit);
MODULE_DESCRIPTION("Livepatch sample: a module to be patched");
MODULE_LICENSE("GPL");
