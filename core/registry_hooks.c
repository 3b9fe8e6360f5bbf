// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks of patches: what goes on the stacks of redirects, and in which order
 * the switch, which may have to see calls return, hears of their functions.
 */
#include <linux/kernel.h>
#include <linux/list.h>

#include "compat.h"
#include "registry_hooks.h"
#include "registry_ranges.h"

static int kp_func_hook(struct kp_func *func, bool transition)
{
	int ret;

	func->hook.new_addr = func->new_addr;
	func->hook.new_size = func->new_size;
	kp_hook_set_transition(&func->hook, transition);
	ret = kp_hook_add(&func->hook, func->old_addr);
	if (!ret)
		func->hooked = true;
	return ret;
}

static int kp_func_unhook(struct kp_func *func, void *data)
{
	kp_hook_del(&func->hook);
	func->hooked = false;
	return 0;
}

/* By another name the patch may have something to say about it after all. */
static bool kp_nop_is_void(const struct kp_func *func)
{
	struct kp_hook *top = func->nop ? kp_hook_top(func->old_addr) : NULL;

	return top && top->transition;
}

/*
 * Builders may list a function under each of its names.  One hook is enough; below
 * another in transition it would send calls to the new code before their time.
 */
static bool kp_func_is_repeated(const struct kp_object *obj,
				const struct kp_func *func)
{
	const struct kp_func *other;

	list_for_each_entry(other, &obj->funcs, node) {
		if (other == func)
			break;
		if (other->hooked && other->old_addr == func->old_addr)
			return !func->nop;
	}
	return false;
}

/* @culprit is an address if @func is not known. */
static int kp_hook_failed(struct kp_patch *patch, struct kp_object *obj,
			  struct kp_func *func, unsigned long culprit, int ret)
{
	struct kp_func *f;

	list_for_each_entry(f, &obj->funcs, node)
		if (!func && f->old_addr == culprit)
			func = f;
	kp_say(patch, KP_EV_HOOK_FAILED, func ? func->name : "?", ret);
	return ret;
}

int kp_object_hook(struct kp_patch *patch, struct kp_object *obj,
		   struct kp_switch *sw)
{
	unsigned long culprit = 0;
	struct kp_func *func;
	int ret;

	list_for_each_entry(func, &obj->funcs, node) {
		if (kp_nop_is_void(func) || kp_func_is_repeated(obj, func))
			continue;
		ret = kp_func_hook(func, sw);
		if (ret)
			return kp_hook_failed(patch, obj, func, 0, ret);
	}
	ret = kp_redirect_arm(&culprit);
	if (ret)
		return kp_hook_failed(patch, obj, NULL, culprit, ret);
	if (!sw)
		return 0;
	/* Behind the hooks, so that no probe can hide one: kp_probe_hides_us(). */
	list_for_each_entry(func, &obj->funcs, node) {
		if (!func->hooked)
			continue;
		ret = kp_switch_add_site(sw, func->old_addr);
		if (ret)
			return kp_hook_failed(patch, obj, func, 0, ret);
	}
	return 0;
}

/* Nobody asks which way calls go that have a newer patch's hook over this one. */
static bool kp_func_is_covered(const struct kp_func *func)
{
	return kp_hook_top(func->old_addr) != &func->hook;
}

void kp_object_skip_covered(struct kp_object *obj, struct kp_switch *sw)
{
	struct kp_func *func;

	list_for_each_entry(func, &obj->funcs, node)
		if (func->hooked && kp_func_is_covered(func))
			kp_switch_del_site(sw, func->old_addr);
}

void kp_object_unhook(struct kp_object *obj, struct kp_switch *sw)
{
	struct kp_func *func;

	list_for_each_entry(func, &obj->funcs, node) {
		if (!func->hooked)
			continue;
		if (sw)
			kp_switch_del_site(sw, func->old_addr);
		kp_func_unhook(func, NULL);
	}
}

void kp_patch_unhook(struct kp_patch *patch)
{
	kp_patch_each_hooked(patch, kp_func_unhook, NULL);
}

static int kp_func_unhook_nop(struct kp_func *func, void *data)
{
	return func->nop ? kp_func_unhook(func, data) : 0;
}

void kp_patch_unhook_nops(struct kp_patch *patch)
{
	kp_patch_each_hooked(patch, kp_func_unhook_nop, NULL);
}

static int kp_func_add_site(struct kp_func *func, void *sw)
{
	int ret;

	if (kp_func_is_covered(func))
		return 0;
	ret = kp_redirect_hold(&func->hook);
	return ret ? ret : kp_switch_add_site(sw, func->old_addr);
}

int kp_patch_add_sites(struct kp_patch *patch, struct kp_switch *sw)
{
	return kp_patch_each_hooked(patch, kp_func_add_site, sw);
}

static int kp_func_set_transition(struct kp_func *func, void *transition)
{
	kp_hook_set_transition(&func->hook, *(bool *)transition);
	return 0;
}

void kp_patch_set_transition(struct kp_patch *patch, bool transition)
{
	kp_patch_each_hooked(patch, kp_func_set_transition, &transition);
}
