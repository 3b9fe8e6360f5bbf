// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-test-pause: replaces pause(2) by the same.  It is a system call's own
 * function, and one with a small frame: nearer to the end of a task's stack no
 * address of a function can be.
 */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "../../core/compat/compat.h"
#include "../../samples/kpatch-enabled.h"

static noinline long new_pause(void)
{
	while (!signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -ERESTARTNOHAND;
}

static struct kpatch_func pause_func = {
#ifdef CONFIG_ARCH_HAS_SYSCALL_WRAPPER
	.name = "__x64_sys_pause",
#else
	.name = "sys_pause",
#endif
	.new_addr = (unsigned long)new_pause,
};

static struct kpatch_object object = {
	.name = "vmlinux",
	.funcs = LIST_HEAD_INIT(object.funcs),
	.dynrelas = LIST_HEAD_INIT(object.dynrelas),
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static int __init pause_init(void)
{
	list_add_tail(&pause_func.list, &object.funcs);
	list_add_tail(&object.list, &kpmod.objects);
	return kpatch_sample_init(&kpmod);
}

static void __exit pause_exit(void)
{
	kpatch_sample_exit(&kpmod);
}

module_init(pause_init);
module_exit(pause_exit);
MODULE_DESCRIPTION("A patch of a system call with a small frame");
MODULE_LICENSE("GPL");
