// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of patches of the klp front end: mainline's words at
 * mainline's levels, which scripts and tests know.
 *
 * They also switch these debug messages on by the names of mainline's files.
 */
#define pr_fmt(fmt) "livepatch: " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>

#include "api_klp.h"
#include "compat.h"
#include "symbol.h"

static const char *kp_klp_way(bool on)
{
	return on ? "patching" : "unpatching";
}

static void kp_klp_say_failed(const struct kp_patch *patch,
			      enum kp_event event, const char *name, int error)
{
	switch (event) {
	case KP_EV_PRE_PATCH_FAILED:
		pr_warn("pre-patch callback failed for object '%s'\n", name);
		break;
	case KP_EV_HOOK_FAILED:
		pr_err("failed to register ftrace handler for function '%s' (%d)\n",
		       name, error);
		break;
	case KP_EV_OBJECT_FAILED:
		pr_warn("failed to patch object '%s'\n", name);
		break;
	case KP_EV_LINK_FAILED:
		pr_warn("failed to initialize patch '%s' for module '%s' (%d)\n",
			patch->name, name, error);
		break;
	case KP_EV_APPLY_FAILED:
		pr_warn("failed to apply patch '%s' to module '%s' (%d)\n",
			patch->name, name, error);
		break;
	case KP_EV_REFUSED:
		pr_warn("patch '%s' failed for module '%s', refusing to load module '%s'\n",
			patch->name, name, name);
		break;
	default:
		break;
	}
}

/*
 * The file that mainline has the following in, and the function that tests
 * switch off.
 */
#line 60 "kernel/livepatch/transition.c"

static void klp_try_switch_task(const struct task_struct *task,
				const struct kp_stack_hit *hit)
{
	if (!hit->addr)
		pr_debug("%s: %s:%d is running\n", __func__, task->comm,
			 task->pid);
	else if (!hit->unwound)
		pr_debug("%s: %s:%d has an unreliable stack\n", __func__,
			 task->comm, task->pid);
	else
		pr_debug("%s: %s:%d is sleeping on function %s\n", __func__,
			 task->comm, task->pid, hit->name);
}

void kp_klp_say_blocked(struct kp_patch *patch, struct task_struct *task,
			const struct kp_stack_hit *hit)
{
	klp_try_switch_task(task, hit);
}

static void kp_klp_say_init(const char *name, bool on)
{
	pr_debug("'%s': initializing %s transition\n", name, kp_klp_way(on));
}

static void kp_klp_say_completing(const char *name, bool on)
{
	pr_debug("'%s': completing %s transition\n", name, kp_klp_way(on));
}

static void kp_klp_say_cancel(const char *name)
{
	pr_warn("failed to enable patch '%s'\n", name);
	pr_debug("'%s': canceling patching transition, going to unpatch\n",
		 name);
	kp_klp_say_completing(name, false);
}

void kp_klp_say_reversing(const struct kp_klp *kk)
{
	bool on = kp_patch_switch()->target;

	pr_debug("'%s': reversing transition from %s to %s\n", kk->patch.name,
		 kp_klp_way(on), kp_klp_way(!on));
}

void kp_klp_say(struct kp_patch *patch, enum kp_event event, const char *name,
		int error)
{
	bool on = kp_patch_switch()->target;

	switch (event) {
	case KP_EV_ENABLE:
		pr_notice("enabling patch '%s'\n", patch->name);
		kp_klp_say_init(patch->name, true);
		break;
	case KP_EV_DISABLE:
		kp_klp_say_init(patch->name, false);
		break;
	case KP_EV_GO:
		pr_notice("'%s': starting %s transition\n", patch->name,
			  kp_klp_way(on));
		break;
	case KP_EV_REACHED:
		kp_klp_say_completing(patch->name, on);
		break;
	case KP_EV_SETTLED:
		pr_notice("'%s': %s complete\n", patch->name, kp_klp_way(on));
		break;
	case KP_EV_CANCEL:
		kp_klp_say_cancel(patch->name);
		break;
	case KP_EV_CANCELLED:
		pr_notice("'%s': %s complete\n", patch->name,
			  kp_klp_way(false));
		break;
	case KP_EV_APPLYING:
		pr_notice("applying patch '%s' to loading module '%s'\n",
			  patch->name, name);
		break;
	case KP_EV_REVERTING:
		pr_notice("reverting patch '%s' on unloading module '%s'\n",
			  patch->name, name);
		break;
	case KP_EV_NUDGING:
		pr_notice("signaling remaining tasks\n");
		break;
	default:
		kp_klp_say_failed(patch, event, name, error);
		break;
	}
}

int kp_klp_missing(struct kp_object *obj, const struct kp_symbol *sym)
{
	const char *where = obj->name;

	if (!sym->count)
		pr_err("symbol '%s' not found in symbol table\n", sym->name);
	else if (!sym->sympos)
		pr_err("unresolvable ambiguity for symbol '%s' in object '%s'\n",
		       sym->name,
		       kp_object_is_vmlinux(obj) ? "(null)" : where);
	else
		pr_err("symbol position %lu for symbol '%s' in object '%s' not found\n",
		       sym->sympos, sym->name, where);
	return -EINVAL;
}
