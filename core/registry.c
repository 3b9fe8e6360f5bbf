// SPDX-License-Identifier: GPL-2.0
/*
 * Patches, their states and their order.
 *
 * One patch at a time is in transition (kp_moving).  Its hooks are on their
 * stacks then, marked as being in transition, and the switch moves callers to
 * the target: hooks applied (patch on) or not (patch off).  Only when everybody
 * is there are hooks that are to go taken away.  Enabling, disabling, turning
 * round and replacing differ in the target and in what follows, in nothing
 * else.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "compat/module.h"
#include "fault.h"
#include "object_target.h"
#include "registry.h"
#include "registry_hooks.h"
#include "registry_nops.h"
#include "registry_ranges.h"
#include "registry_wait.h"
#include "symbol.h"

static DEFINE_MUTEX(kp_mutex);

/* Patches that are not off, oldest first. */
static LIST_HEAD(kp_patches);

/* The patch in transition and its switch. */
static struct kp_patch *kp_moving;
static struct kp_switch kp_switch;

void kp_lock(void)
{
	mutex_lock(&kp_mutex);
}

void kp_unlock(void)
{
	mutex_unlock(&kp_mutex);
}

void kp_assert_locked(void)
{
	lockdep_assert_held(&kp_mutex);
}

void kp_object_init_empty(struct kp_object *obj, const char *name)
{
	memset(obj, 0, sizeof(*obj));
	obj->name = name;
	INIT_LIST_HEAD(&obj->funcs);
	INIT_LIST_HEAD(&obj->relocs);
}

void kp_patch_init(struct kp_patch *patch)
{
	memset(patch, 0, sizeof(*patch));
	INIT_LIST_HEAD(&patch->objects);
}

struct kp_object *kp_patch_object(struct kp_patch *patch, const char *name)
{
	struct kp_object *obj;

	list_for_each_entry(obj, &patch->objects, node)
		if (!strcmp(obj->name, name))
			return obj;
	return NULL;
}

/* For hooks: @patch's switch, if it has one. */
static struct kp_switch *kp_switch_of(const struct kp_patch *patch)
{
	return patch == kp_moving ? &kp_switch : NULL;
}

/* What a patch does to others. */

/* A patch that replaces gives back what it does not change itself. */
static int kp_patch_add_nops(struct kp_patch *patch)
{
	struct kp_patch *old;
	int ret;

	if (!patch->replace)
		return 0;
	list_for_each_entry(old, &kp_patches, node) {
		ret = kp_nops_add(patch, old);
		if (ret)
			return ret;
	}
	if (patch->ops && patch->ops->nops_added)
		return patch->ops->nops_added(patch);
	return 0;
}

/* What a caller must have left before it can go to either target. */
static int kp_update_ranges(struct kp_patch *patch)
{
	struct kp_ranges *leave[2];
	int ret = kp_patch_ranges(patch, leave);

	if (!ret)
		kp_switch_set_leave(&kp_switch, leave[0], leave[1]);
	return ret;
}

/* The end of a transition. */

static bool kp_patch_get_module(struct kp_patch *patch)
{
	return patch->held || try_module_get(patch->mod);
}

/* Tasks may be in there for all we know, or the front end holds it. */
static bool kp_patch_keeps_module(struct kp_patch *patch)
{
	return patch->held || patch->pinned;
}

static void kp_patch_put_module(struct kp_patch *patch)
{
	if (!kp_patch_keeps_module(patch))
		module_put(patch->mod);
}

/*
 * Returns the module that is to be put, or NULL: the front end, which writes to
 * it, has to be told first.
 */
static struct module *kp_patch_off(struct kp_patch *patch)
{
	struct kp_object *obj;

	list_del(&patch->node);
	list_for_each_entry(obj, &patch->objects, node)
		kp_object_unlink(obj, patch->pinned);
	patch->state = KP_PATCH_OFF;
	return kp_patch_keeps_module(patch) ? NULL : patch->mod;
}

static void kp_retire_replaced(struct kp_patch *patch)
{
	struct kp_patch *old, *next;
	struct module *mod;

	list_for_each_entry_safe(old, next, &kp_patches, node) {
		if (old == patch)
			break;
		kp_say(old, KP_EV_REPLACED, patch->name, 0);
		mod = kp_patch_off(old);
		if (old->ops && old->ops->replaced)
			old->ops->replaced(old);
		module_put(mod);
	}
}

/* Takes the hooks to where everybody is. */
static void kp_settle_hooks(struct kp_patch *patch, bool on)
{
	struct kp_patch *old;

	if (!on) {
		kp_patch_unhook(patch);
		return;
	}
	kp_patch_set_transition(patch, false);
	if (!patch->replace)
		return;
	/* From below first: a nop that went first would let calls through. */
	list_for_each_entry(old, &kp_patches, node) {
		if (old == patch)
			break;
		kp_patch_unhook(old);
	}
	kp_patch_unhook_nops(patch);
}

static void kp_pin_forced(struct kp_patch *patch, bool on)
{
	struct kp_patch *p;

	if (kp_switch.forced)
		list_for_each_entry(p, &kp_patches, node)
			p->pinned = true;
	if (!on)
		patch->pinned |= kp_patch_is_unseen(patch);
	if (!on || !patch->replace)
		return;
	list_for_each_entry(p, &kp_patches, node) {
		if (p == patch)
			break;
		p->pinned |= kp_patch_is_unseen(p);
	}
}

static void kp_settled(struct kp_switch *sw)
{
	struct kp_patch *patch = kp_moving;
	struct module *mod = NULL;
	struct kp_object *obj;
	bool on = sw->target;

	kp_say(patch, KP_EV_REACHED, NULL, 0);
	kp_pin_forced(patch, on);
	kp_settle_hooks(patch, on);
	kp_switch_end(sw);
	add_taint(sw->forced ? TAINT_USER : KP_TAINT, LOCKDEP_STILL_OK);

	list_for_each_entry(obj, &patch->objects, node) {
		if (on)
			kp_object_post_patch(obj);
		else
			kp_object_post_unpatch(obj);
	}
	/* Waits for RCU-tasks; what callbacks wait for has happened before. */
	kp_redirect_reap();
	kp_nops_free(patch);
	kp_say(patch, KP_EV_SETTLED, NULL, sw->error);
	if (on) {
		patch->state = KP_PATCH_ON;
		if (patch->replace)
			kp_retire_replaced(patch);
	} else {
		mod = kp_patch_off(patch);
	}
	patch->error = sw->error;
	/*
	 * Pairs with the acquire in kp_patch_is_moving(): who waits for the end
	 * without the lock sees what has become of the patch, and why.
	 */
	smp_store_release(&kp_moving, NULL);
	if (patch->ops && patch->ops->settled)
		patch->ops->settled(patch, on, sw->error);
	module_put(mod);
	kp_wait_wake();
}

static void kp_turned(struct kp_switch *sw)
{
	kp_moving->state = sw->target ? KP_PATCH_ENABLING : KP_PATCH_DISABLING;
}

static void kp_blocked(struct kp_switch *sw, struct task_struct *task,
		       const struct kp_stack_hit *hit)
{
	if (kp_moving->ops && kp_moving->ops->blocked)
		kp_moving->ops->blocked(kp_moving, task, hit);
}

static void kp_nudging(struct kp_switch *sw)
{
	kp_say(kp_moving, KP_EV_NUDGING, NULL, 0);
}

/* Its beginning. */

static int kp_switch_prepare(struct kp_patch *patch, bool target)
{
	struct kp_choice choice = {
		.patch = patch->name,
		.wish = (void *)kp_symbol_in_module(patch->mod, "kpatch_model"),
		.at_once = patch->at_once,
	};
	const struct kp_switch_ops *ops = kp_model_pick(&choice);
	int ret;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	ret = kp_redirect_ready();
	if (ret)
		return ret;
	kp_switch.ops = ops;
	kp_switch.target = target;
	kp_switch.patient = patch->patient;
	return kp_switch_begin(&kp_switch);
}

static int kp_patch_hook(struct kp_patch *patch)
{
	struct kp_object *obj;
	int ret;

	list_for_each_entry(obj, &patch->objects, node) {
		ret = obj->linked ? kp_object_hook(patch, obj, &kp_switch) : 0;
		if (ret) {
			kp_say(patch, KP_EV_OBJECT_FAILED, obj->name, ret);
			return ret;
		}
	}
	return kp_update_ranges(patch);
}

static int kp_patch_pre_patch(struct kp_patch *patch)
{
	struct kp_object *obj;
	int ret;

	list_for_each_entry(obj, &patch->objects, node) {
		ret = kp_object_pre_patch(obj);
		if (ret) {
			kp_say(patch, KP_EV_PRE_PATCH_FAILED, obj->name, ret);
			return ret;
		}
	}
	return 0;
}

static void kp_patch_post_unpatch(struct kp_patch *patch)
{
	struct kp_object *obj;

	list_for_each_entry(obj, &patch->objects, node)
		kp_object_post_unpatch(obj);
}

static bool kp_patch_is_sane(const struct kp_patch *patch)
{
	const struct kp_object *obj, *other;

	if (!patch->mod)
		return false;
	list_for_each_entry(obj, &patch->objects, node) {
		if (!obj->name || !*obj->name)
			return false;
		list_for_each_entry(other, &patch->objects, node)
			if (other != obj && !strcmp(other->name, obj->name))
				return false;
	}
	return true;
}

/* From linked objects to the start of the switch. */
static int kp_patch_start(struct kp_patch *patch)
{
	int ret;

	kp_say(patch, KP_EV_ENABLE, NULL, 0);
	ret = kp_patch_pre_patch(patch);
	if (ret)
		goto err_callbacks;
	ret = kp_switch_prepare(patch, true);
	if (ret)
		goto err_callbacks;

	list_add_tail(&patch->node, &kp_patches);
	patch->state = KP_PATCH_ENABLING;
	kp_moving = patch;
	ret = kp_patch_hook(patch);
	if (ret)
		goto err_hooks;
	kp_say(patch, KP_EV_GO, NULL, 0);
	kp_switch_go(&kp_switch);
	return 0;

err_hooks:
	kp_patch_unhook(patch);
	kp_switch_end(&kp_switch);
	kp_redirect_reap();
	kp_moving = NULL;
	/* They look without the lock, and may have seen this one move. */
	kp_wait_wake();
	patch->state = KP_PATCH_OFF;
	list_del(&patch->node);
err_callbacks:
	kp_say(patch, KP_EV_CANCEL, NULL, ret);
	kp_patch_post_unpatch(patch);
	kp_say(patch, KP_EV_CANCELLED, NULL, ret);
	return ret;
}

int kp_patch_enable(struct kp_patch *patch)
{
	struct kp_object *obj;
	int ret;

	kp_assert_locked();
	if (patch->state != KP_PATCH_OFF || !kp_patch_is_sane(patch))
		return -EINVAL;
	if (kp_moving)
		return -EBUSY;
	if (!kp_patch_get_module(patch))
		return -ENODEV;

	ret = kp_patch_add_nops(patch);
	if (ret)
		goto err_nops;
	ret = kp_objects_link(patch->mod, &patch->objects);
	if (ret)
		goto err_nops;
	ret = kp_patch_start(patch);
	if (ret)
		goto err_unlink;
	return 0;

err_unlink:
	list_for_each_entry(obj, &patch->objects, node)
		kp_object_unlink(obj, false);
err_nops:
	kp_nops_free(patch);
	kp_patch_put_module(patch);
	return ret;
}

int kp_patch_disable(struct kp_patch *patch)
{
	struct kp_object *obj;
	int ret;

	kp_assert_locked();
	if (patch->state != KP_PATCH_ON)
		return -EINVAL;
	if (kp_moving)
		return -EBUSY;

	ret = kp_switch_prepare(patch, false);
	if (ret)
		return ret;
	ret = kp_update_ranges(patch);
	if (!ret)
		ret = kp_patch_add_sites(patch, &kp_switch);
	if (ret)
		goto err_switch;
	kp_patch_set_transition(patch, true);

	kp_say(patch, KP_EV_DISABLE, NULL, 0);
	list_for_each_entry(obj, &patch->objects, node)
		kp_object_pre_unpatch(obj);
	patch->state = KP_PATCH_DISABLING;
	kp_moving = patch;
	kp_say(patch, KP_EV_GO, NULL, 0);
	kp_switch_go(&kp_switch);
	return 0;

err_switch:
	kp_patch_set_transition(patch, false);
	kp_switch_end(&kp_switch);
	return ret;
}

int kp_patch_reverse(struct kp_patch *patch)
{
	kp_assert_locked();
	return patch == kp_moving ? kp_switch_reverse(&kp_switch, 0) : -EINVAL;
}

int kp_patch_force(struct kp_patch *patch)
{
	kp_assert_locked();
	return patch == kp_moving ? kp_switch_force(&kp_switch) : -EINVAL;
}

/* Modules that come and go. */

static void kp_object_leave(struct kp_patch *patch, struct kp_object *obj)
{
	/* In transition it has been called, or @post_patch has not. */
	if (patch != kp_moving)
		kp_object_pre_unpatch(obj);
	kp_say(patch, KP_EV_REVERTING, obj->name, 0);
	kp_object_unhook(obj, kp_switch_of(patch));
	kp_object_post_unpatch(obj);
	kp_object_unlink(obj, false);
}

static int kp_object_enter(struct kp_patch *patch, struct kp_object *obj,
			   struct module *mod)
{
	int ret;

	ret = kp_object_link(patch->mod, obj, mod);
	if (ret) {
		kp_say(patch, KP_EV_LINK_FAILED, mod->name, ret);
		return ret;
	}
	kp_say(patch, KP_EV_APPLYING, mod->name, 0);
	ret = kp_object_pre_patch(obj);
	if (ret) {
		kp_say(patch, KP_EV_PRE_PATCH_FAILED, mod->name, ret);
		goto err_unlink;
	}
	ret = kp_object_hook(patch, obj, kp_switch_of(patch));
	if (ret) {
		kp_say(patch, KP_EV_APPLY_FAILED, mod->name, ret);
		goto err_unhook;
	}
	return 0;

err_unhook:
	kp_object_unhook(obj, kp_switch_of(patch));
	kp_object_post_unpatch(obj);
err_unlink:
	kp_object_unlink(obj, false);
	return ret;
}

/* All patches let go of @mod, oldest first, so that none shines through. */
static void kp_module_left(struct module *mod)
{
	struct kp_patch *patch;
	struct kp_object *obj;

	list_for_each_entry(patch, &kp_patches, node) {
		obj = kp_patch_object(patch, mod->name);
		if (obj && obj->linked && obj->mod == mod)
			kp_object_leave(patch, obj);
	}
	kp_redirect_reap();
}

static void kp_module_going(struct module *mod)
{
	kp_module_left(mod);
	/* Fewer ranges are no loss: the old set only names dead code. */
	if (kp_moving && kp_update_ranges(kp_moving))
		pr_warn("no memory to forget the code of '%s'\n", mod->name);
}

/* All patches that @mod is a target of; on errors *@failed is the first one. */
static int kp_patches_enter(struct module *mod, struct kp_patch **failed)
{
	struct kp_patch *patch;
	struct kp_object *obj;
	bool any = false;
	int ret;

	list_for_each_entry(patch, &kp_patches, node) {
		obj = kp_patch_object(patch, mod->name);
		if (!obj || obj->linked)
			continue;
		any = true;
		*failed = patch;
		ret = kp_object_enter(patch, obj, mod);
		if (ret)
			return ret;
		/* That of a patch in transition is called at the end of that. */
		if (patch != kp_moving)
			kp_object_post_patch(obj);
	}
	if (!any || !kp_moving)
		return 0;
	*failed = kp_moving;
	obj = kp_patch_object(kp_moving, mod->name);
	if (obj)
		kp_object_skip_covered(obj, &kp_switch);
	return kp_update_ranges(kp_moving);
}

static bool kp_is_strict_about(const struct module *mod)
{
	struct kp_patch *patch;

	list_for_each_entry(patch, &kp_patches, node)
		if (patch->strict && kp_patch_object(patch, mod->name))
			return true;
	return false;
}

/* All patches or none: a target that is half patched helps nobody. */
static int kp_module_coming(struct module *mod)
{
	struct kp_patch *patch;
	int ret;

	ret = kp_patches_enter(mod, &patch);
	if (!ret)
		return 0;
	kp_say(patch, KP_EV_REFUSED, mod->name, ret);
	kp_module_left(mod);
	if (kp_moving)
		kp_update_ranges(kp_moving);
	return kp_is_strict_about(mod) ? ret : 0;
}

static const struct kp_module_events kp_registry_events = {
	.lock = &kp_mutex,
	.coming = kp_module_coming,
	.going = kp_module_going,
};

struct kp_patch *kp_patch_moving(void)
{
	kp_assert_locked();
	return kp_moving;
}

bool kp_patch_is_moving(const struct kp_patch *patch)
{
	/* Pairs with the release in kp_settled(). */
	const struct kp_patch *moving = smp_load_acquire(&kp_moving);

	return patch ? moving == patch : !!moving;
}

struct kp_switch *kp_patch_switch(void)
{
	kp_assert_locked();
	return &kp_switch;
}

void kp_patch_for_each(void (*fn)(struct kp_patch *patch, void *data),
		       void *data)
{
	struct kp_patch *patch, *next;

	kp_assert_locked();
	list_for_each_entry_safe(patch, next, &kp_patches, node)
		fn(patch, data);
}

int kp_registry_init(void)
{
	kp_switch_init(&kp_switch);
	kp_switch.lock = &kp_mutex;
	kp_switch.settled = kp_settled;
	kp_switch.turned = kp_turned;
	kp_switch.blocked = kp_blocked;
	kp_switch.nudging = kp_nudging;
	return kp_targets_init(&kp_registry_events);
}

void kp_registry_exit(void)
{
	kp_targets_exit();
	kp_switch_fini(&kp_switch);
	WARN_ON(!list_empty(&kp_patches));
}
