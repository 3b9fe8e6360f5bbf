// SPDX-License-Identifier: GPL-2.0
/*
 * livepatch-callbacks: code that runs when a patch comes and goes
 *
 * A patch can have four functions for each object (the kernel, or a module)
 * that it patches:
 *
 *   pre_patch     before the object is patched; may refuse
 *   post_patch    when no task runs the old code any more
 *   pre_unpatch   before the object goes back to its own code
 *   post_unpatch  when no task runs the new code any more
 *
 * They are for what a patch needs beside its functions: memory, timers, fixing
 * up data.  Those of a module also run when the module is loaded or removed
 * while the patch is there.  Then there is no transition, as no task can be in
 * it: a loading module is patched before its first instruction runs.
 *
 *   # insmod samples/livepatch-callbacks-mod.ko
 *   # insmod samples/livepatch-callbacks.ko
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_callbacks/transition; do sleep 1; done
 *   # dmesg | grep -o 'livepatch_callbacks: .*' | tail -n 4
 *   livepatch_callbacks: pre_patch vmlinux
 *   livepatch_callbacks: pre_patch livepatch_callbacks_mod (live)
 *   livepatch_callbacks: post_patch vmlinux
 *   livepatch_callbacks: post_patch livepatch_callbacks_mod (live)
 *   # cat /sys/module/livepatch_callbacks_mod/parameters/greeting
 *   hello from the patch
 *   # rmmod livepatch_callbacks_mod
 *   # insmod samples/livepatch-callbacks-mod.ko
 *   # cat /sys/module/livepatch_callbacks_mod/parameters/greeting
 *   hello from the patch
 *   # dmesg | grep -o 'livepatch_callbacks: .*' | tail -n 4
 *   livepatch_callbacks: pre_unpatch livepatch_callbacks_mod (going)
 *   livepatch_callbacks: post_unpatch livepatch_callbacks_mod (going)
 *   livepatch_callbacks: pre_patch livepatch_callbacks_mod (coming)
 *   livepatch_callbacks: post_patch livepatch_callbacks_mod (coming)
 *   # echo 0 > /sys/kernel/livepatch/livepatch_callbacks/enabled
 *   # until rmmod livepatch_callbacks 2>/dev/null; do sleep 1; done
 *   # dmesg | grep -o 'livepatch_callbacks: .*' | tail -n 4
 *   livepatch_callbacks: pre_unpatch vmlinux
 *   livepatch_callbacks: pre_unpatch livepatch_callbacks_mod (live)
 *   livepatch_callbacks: post_unpatch vmlinux
 *   livepatch_callbacks: post_unpatch livepatch_callbacks_mod (live)
 *
 * What refusing means depends on who comes second: a patch that refuses a
 * module that is there is not enabled; a module that an enabled patch refuses
 * is not loaded.  The parameter "veto" names an object to refuse.
 *
 *   # insmod samples/livepatch-callbacks.ko veto=livepatch_callbacks_mod 2>/dev/null || echo no
 *   no
 *   # rmmod livepatch_callbacks_mod
 *   # insmod samples/livepatch-callbacks.ko veto=livepatch_callbacks_mod
 *   # insmod samples/livepatch-callbacks-mod.ko 2>/dev/null || echo no
 *   no
 *   # while grep -q 1 /sys/kernel/livepatch/livepatch_callbacks/transition; do sleep 1; done
 *   # echo 0 > /sys/kernel/livepatch/livepatch_callbacks/enabled
 *   # until rmmod livepatch_callbacks 2>/dev/null; do sleep 1; done
 *
 * How callbacks wait for a task that does not get out of the old code is shown
 * by livepatch-callbacks-busy.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/string.h>

static char *veto = "";
module_param(veto, charp, 0444);
MODULE_PARM_DESC(veto, "the object (vmlinux or a module) not to be patched");

static void tell(const char *what, struct klp_object *obj)
{
	static const char * const states[] = {
		[MODULE_STATE_LIVE] = "live",
		[MODULE_STATE_COMING] = "coming",
		[MODULE_STATE_GOING] = "going",
	};

	if (obj->name)
		pr_info("%s %s (%s)\n", what, obj->name,
			states[obj->mod->state]);
	else
		pr_info("%s vmlinux\n", what);
}

static int pre_patch(struct klp_object *obj)
{
	tell("pre_patch", obj);
	return strcmp(veto, obj->name ?: "vmlinux") ? 0 : -EPERM;
}

static void post_patch(struct klp_object *obj)
{
	tell("post_patch", obj);
}

static void pre_unpatch(struct klp_object *obj)
{
	tell("pre_unpatch", obj);
}

static void post_unpatch(struct klp_object *obj)
{
	tell("post_unpatch", obj);
}

static const char *kp_greeting(void)
{
	return "hello from the patch\n";
}

static void kp_busy_wait(void)
{
}

/* The kernel itself gets callbacks only. */
static struct klp_func no_funcs[] = {
	{ }
};

static struct klp_func mod_funcs[] = {
	{
		.old_name = "greeting",
		.new_func = kp_greeting,
	}, { }
};

static struct klp_func busy_funcs[] = {
	{
		.old_name = "busy_wait",
		.new_func = kp_busy_wait,
	}, { }
};

#define CALLBACKS {				\
		.pre_patch = pre_patch,		\
		.post_patch = post_patch,	\
		.pre_unpatch = pre_unpatch,	\
		.post_unpatch = post_unpatch,	\
	}

static struct klp_object objs[] = {
	{
		.funcs = no_funcs,
		.callbacks = CALLBACKS,
	}, {
		.name = "livepatch_callbacks_mod",
		.funcs = mod_funcs,
		.callbacks = CALLBACKS,
	}, {
		.name = "livepatch_callbacks_busy",
		.funcs = busy_funcs,
		.callbacks = CALLBACKS,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_callbacks_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_callbacks_exit(void)
{
}

module_init(livepatch_callbacks_init);
module_exit(livepatch_callbacks_exit);
MODULE_DESCRIPTION("Livepatch sample: callbacks");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
