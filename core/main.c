// SPDX-License-Identifier: GPL-2.0
/* kpatch.ko: an in-kernel patching engine.  Start and end. */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/module.h>

#include "api_klp.h"
#include "call_returns.h"
#include "compat.h"
#include "early.h"
#include "redirect.h"
#include "registry.h"
#include "reloc.h"
#include "shadow.h"
#include "stack.h"
#include "symbol.h"
#include "sysfs.h"
#include "tasks.h"

static int __init kp_init(void)
{
	int ret;

	ret = kp_symbol_init();
	if (ret)
		return ret;
	ret = kp_reloc_init();
	if (ret)
		return ret;
	kp_early_init();
	kp_returns_init();
	ret = kp_stack_init();
	if (ret)
		return ret;
	ret = kp_tasks_init();
	if (ret)
		goto err_stack;
	ret = kp_redirect_init();
	if (ret)
		goto err_tasks;
	ret = kp_registry_init();
	if (ret)
		goto err_redirect;
	ret = kp_sysfs_init();
	if (ret)
		goto err_registry;
	ret = kp_klp_init();
	if (ret)
		goto err_sysfs;
	return 0;

err_sysfs:
	kp_sysfs_exit();
err_registry:
	kp_registry_exit();
err_redirect:
	kp_redirect_exit();
err_tasks:
	kp_tasks_exit();
err_stack:
	kp_stack_exit();
	return ret;
}

static void __exit kp_exit(void)
{
	kp_klp_exit();
	kp_sysfs_exit();
	kp_registry_exit();
	kp_redirect_exit();
	kp_tasks_exit();
	kp_stack_exit();
	kp_shadow_exit();
}

module_init(kp_init);
module_exit(kp_exit);
MODULE_DESCRIPTION("Live patching engine");
MODULE_LICENSE("GPL");
