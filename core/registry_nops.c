// SPDX-License-Identifier: GPL-2.0
/*
 * Nops: where a replacing patch has nothing to say about a function that an
 * older patch changes, calls are to reach the original again.  A function
 * without a replacement does that.  It is linked, hooked and in transition like
 * the others of its patch, also in a module that comes meanwhile, and is taken
 * off when the transition is over.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "fault.h"
#include "registry_nops.h"

/* A name that is unique is the first one of that name. */
static bool kp_same_func(const struct kp_func *a, const struct kp_func *b)
{
	return !strcmp(a->name, b->name) &&
	       max(a->sympos, 1UL) == max(b->sympos, 1UL);
}

static bool kp_object_has(const struct kp_object *obj,
			  const struct kp_func *func)
{
	const struct kp_func *other;

	list_for_each_entry(other, &obj->funcs, node)
		if (kp_same_func(other, func))
			return true;
	return false;
}

/* The object of @patch that is @old's, made if there is none. */
static struct kp_object *kp_nop_object(struct kp_patch *patch,
				       const struct kp_object *old)
{
	struct kp_object *obj = kp_patch_object(patch, old->name);

	if (obj)
		return obj;
	obj = kp_fault() ? NULL : kzalloc(sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return NULL;
	kp_object_init_empty(obj, old->name);
	obj->missing = old->missing;
	obj->nop = true;
	list_add_tail(&obj->node, &patch->objects);
	return obj;
}

/* The name is the older patch's, whose module stays longer than the nop. */
static int kp_nop_add(struct kp_object *obj, const struct kp_func *old)
{
	struct kp_func *nop;

	nop = kp_fault() ? NULL : kzalloc(sizeof(*nop), GFP_KERNEL);
	if (!nop)
		return -ENOMEM;
	nop->name = old->name;
	nop->sympos = old->sympos;
	nop->nop = true;
	list_add_tail(&nop->node, &obj->funcs);
	return 0;
}

static int kp_nops_add_object(struct kp_patch *patch,
			      const struct kp_object *old)
{
	struct kp_object *obj;
	struct kp_func *func;
	int ret;

	if (list_empty(&old->funcs))
		return 0;
	obj = kp_nop_object(patch, old);
	if (!obj)
		return -ENOMEM;
	list_for_each_entry(func, &old->funcs, node) {
		ret = kp_object_has(obj, func) ? 0 : kp_nop_add(obj, func);
		if (ret)
			return ret;
	}
	return 0;
}

int kp_nops_add(struct kp_patch *patch, struct kp_patch *old)
{
	struct kp_object *obj;
	int ret;

	kp_assert_locked();
	list_for_each_entry(obj, &old->objects, node) {
		ret = kp_nops_add_object(patch, obj);
		if (ret)
			return ret;
	}
	return 0;
}

static void kp_nops_free_object(struct kp_object *obj)
{
	struct kp_func *func, *next;

	list_for_each_entry_safe(func, next, &obj->funcs, node) {
		if (!func->nop)
			continue;
		list_del(&func->node);
		kp_func_forget(func);
		kfree(func);
	}
	if (obj->nop) {
		list_del(&obj->node);
		kfree(obj);
	}
}

void kp_nops_free(struct kp_patch *patch)
{
	struct kp_object *obj, *next;

	kp_assert_locked();
	if (!patch->replace)
		return;
	if (patch->ops && patch->ops->nops_leave)
		patch->ops->nops_leave(patch);
	list_for_each_entry_safe(obj, next, &patch->objects, node)
		kp_nops_free_object(obj);
}
