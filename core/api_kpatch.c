// SPDX-License-Identifier: GPL-2.0
/*
 * The kpatch front end: patches as modules written against kpatch.h describe
 * them, made into those of the registry.
 *
 * Their structs are part of an ABI and have no room for what the engine needs,
 * so that each registered patch gets a copy, which lives as long as the patch
 * is not off.
 *
 * The ABI has two generations of objects.  Those of 2017 have two lists of hooks
 * where later ones have four callbacks, and end eight bytes earlier; all names
 * that are exported are the same.  kp_has_hooks() tells them apart.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "fault.h"
#include "kpatch.h"
#include "registry.h"
#include "registry_wait.h"
#include "sysfs.h"

/* A function to be called once, with nothing. */
struct kpatch_hook {
	struct list_head list;
	void (*hook)(void);
};

/*
 * struct kpatch_object as the first generation has it: @hooks_load are called
 * after its functions were switched, @hooks_unload after they were switched back.
 */
struct kpatch_hook_object {
	struct list_head list;
	const char *name;
	struct list_head funcs;
	struct list_head dynrelas;
	struct list_head hooks_load;
	struct list_head hooks_unload;

	/* private: */
	struct module *mod;
	struct kobject kobj;
};

#define KP_ABI(type, member, off)					\
	BUILD_BUG_ON(offsetof(struct type, member) != (off))

/* Offsets of x86-64, up to the first kobject, whose size varies. */
static inline void kp_abi_check(void)
{
	KP_ABI(kpatch_func, new_addr, 0);
	KP_ABI(kpatch_func, new_size, 8);
	KP_ABI(kpatch_func, old_addr, 16);
	KP_ABI(kpatch_func, old_size, 24);
	KP_ABI(kpatch_func, sympos, 32);
	KP_ABI(kpatch_func, name, 40);
	KP_ABI(kpatch_func, list, 48);
	KP_ABI(kpatch_func, force, 64);
	KP_ABI(kpatch_func, node, 72);
	KP_ABI(kpatch_func, op, 88);
	KP_ABI(kpatch_func, kobj, 96);

	KP_ABI(kpatch_dynrela, dest, 0);
	KP_ABI(kpatch_dynrela, src, 8);
	KP_ABI(kpatch_dynrela, type, 16);
	KP_ABI(kpatch_dynrela, sympos, 24);
	KP_ABI(kpatch_dynrela, name, 32);
	KP_ABI(kpatch_dynrela, addend, 40);
	KP_ABI(kpatch_dynrela, external, 44);
	KP_ABI(kpatch_dynrela, list, 48);
	BUILD_BUG_ON(sizeof(struct kpatch_dynrela) != 64);

	KP_ABI(kpatch_object, list, 0);
	KP_ABI(kpatch_object, name, 16);
	KP_ABI(kpatch_object, funcs, 24);
	KP_ABI(kpatch_object, dynrelas, 40);
	KP_ABI(kpatch_object, pre_patch_callback, 56);
	KP_ABI(kpatch_object, post_patch_callback, 64);
	KP_ABI(kpatch_object, pre_unpatch_callback, 72);
	KP_ABI(kpatch_object, post_unpatch_callback, 80);
	KP_ABI(kpatch_object, callbacks_enabled, 88);
	KP_ABI(kpatch_object, mod, 96);
	KP_ABI(kpatch_object, kobj, 104);

	KP_ABI(kpatch_hook, list, 0);
	KP_ABI(kpatch_hook, hook, 16);

	KP_ABI(kpatch_hook_object, list, 0);
	KP_ABI(kpatch_hook_object, name, 16);
	KP_ABI(kpatch_hook_object, funcs, 24);
	KP_ABI(kpatch_hook_object, dynrelas, 40);
	KP_ABI(kpatch_hook_object, hooks_load, 56);
	KP_ABI(kpatch_hook_object, hooks_unload, 72);
	KP_ABI(kpatch_hook_object, mod, 88);
	KP_ABI(kpatch_hook_object, kobj, 96);

	KP_ABI(kpatch_module, mod, 0);
	KP_ABI(kpatch_module, objects, 8);
	KP_ABI(kpatch_module, enabled, 24);
	KP_ABI(kpatch_module, list, 32);
	KP_ABI(kpatch_module, kobj, 48);
}

/*
 * A registered patch.  While @busy somebody waits for it to settle, and frees it
 * if it is off then; else it is freed when another patch, of whatever front end,
 * takes its place; registry's lock.
 */
struct kp_kpatch {
	struct kp_patch patch;
	struct kpatch_module *kpmod;
	struct list_head node;		/* in kp_kpatches */
	bool busy;
};

/* Patches that are not off, or about to be registered; registry's lock. */
static LIST_HEAD(kp_kpatches);

/*
 * Those that are off and pinned: their modules never go, and what is known about
 * them is needed if they are registered again; likewise.
 */
static LIST_HEAD(kp_kpatches_pinned);

static struct kp_kpatch *kp_kpatch_find(const struct list_head *kpatches,
					const struct kpatch_module *kpmod)
{
	struct kp_kpatch *kk;

	list_for_each_entry(kk, kpatches, node)
		if (kk->kpmod == kpmod)
			return kk;
	return NULL;
}

/*
 * An object as it is registered.  @loaded: the hooks of a first generation's
 * @hooks have been called, those for unloading are due.
 */
struct kp_kpatch_object {
	struct kp_object obj;
	struct kpatch_object *kobj;
	struct kpatch_hook_object *hooks;	/* the same, or NULL */
	bool loaded;
};

static struct kp_kpatch_object *to_kpatch(struct kp_object *obj)
{
	return container_of(obj, struct kp_kpatch_object, obj);
}

/* What lies here has been initialized as a list, and is one. */
static bool kp_is_list(const struct list_head *head)
{
	return head->next && head->prev && head->next->prev == head &&
	       head->prev->next == head;
}

/*
 * Is @kobj of the first generation?  In the second there are four addresses of
 * functions, or NULL, in the place of the lists: no code holds the address of an
 * object that is made after it, twice.
 */
static struct kpatch_hook_object *kp_has_hooks(struct kpatch_object *kobj)
{
	struct kpatch_hook_object *old = (struct kpatch_hook_object *)kobj;

	if (!kp_is_list(&old->hooks_load) || !kp_is_list(&old->hooks_unload))
		return NULL;
	return old;
}

/* Hooks. */

static void kp_hooks_call(struct list_head *hooks)
{
	struct kpatch_hook *hook;

	list_for_each_entry(hook, hooks, list)
		hook->hook();
}

static void kp_hooks_post_patch(struct kp_object *obj)
{
	struct kp_kpatch_object *ko = to_kpatch(obj);

	/* A switch back that was turned round. */
	if (ko->loaded)
		return;
	ko->loaded = true;
	kp_hooks_call(&ko->hooks->hooks_load);
}

static void kp_hooks_post_unpatch(struct kp_object *obj)
{
	struct kp_kpatch_object *ko = to_kpatch(obj);

	if (ko->loaded)
		kp_hooks_call(&ko->hooks->hooks_unload);
	ko->loaded = false;
}

/* Callbacks. */

static int kp_kpatch_pre_patch(struct kp_object *obj)
{
	struct kpatch_object *kobj = to_kpatch(obj)->kobj;
	int ret = 0;

	if (kobj->pre_patch_callback)
		ret = kobj->pre_patch_callback(kobj);
	kobj->callbacks_enabled = !ret;
	return ret;
}

static void kp_kpatch_post_patch(struct kp_object *obj)
{
	struct kpatch_object *kobj = to_kpatch(obj)->kobj;

	if (kobj->post_patch_callback)
		kobj->post_patch_callback(kobj);
}

static void kp_kpatch_pre_unpatch(struct kp_object *obj)
{
	struct kpatch_object *kobj = to_kpatch(obj)->kobj;

	if (kobj->pre_unpatch_callback)
		kobj->pre_unpatch_callback(kobj);
}

static void kp_kpatch_post_unpatch(struct kp_object *obj)
{
	struct kpatch_object *kobj = to_kpatch(obj)->kobj;

	if (kobj->post_unpatch_callback)
		kobj->post_unpatch_callback(kobj);
	kobj->callbacks_enabled = false;
}

static void kp_kpatch_set_mod(struct kp_object *obj)
{
	struct kp_kpatch_object *ko = to_kpatch(obj);

	if (ko->hooks)
		ko->hooks->mod = obj->mod;
	else
		ko->kobj->mod = obj->mod;
}

static void kp_kpatch_linked(struct kp_object *obj)
{
	struct kpatch_dynrela *dynrela;
	struct kpatch_func *kfunc;
	struct kp_reloc *reloc;
	struct kp_func *func;

	kp_kpatch_set_mod(obj);
	list_for_each_entry(func, &obj->funcs, node) {
		kfunc = func->priv;
		if (!func->nop)
			kfunc->old_addr = func->old_addr;
	}
	list_for_each_entry(reloc, &obj->relocs, node) {
		dynrela = reloc->priv;
		dynrela->src = reloc->src;
	}
}

static void kp_kpatch_settled(struct kp_patch *patch, bool on, int error)
{
	struct kp_kpatch *kk = container_of(patch, struct kp_kpatch, patch);

	kk->kpmod->enabled = on;
}

/* The copy. */

static void kp_object_free(struct kp_object *obj)
{
	struct kp_reloc *reloc, *next_reloc;
	struct kp_func *func, *next_func;

	list_for_each_entry_safe(func, next_func, &obj->funcs, node)
		kfree(func);
	list_for_each_entry_safe(reloc, next_reloc, &obj->relocs, node)
		kfree(reloc);
	kfree(to_kpatch(obj));
}

static void kp_kpatch_free(struct kp_kpatch *kk)
{
	struct kp_object *obj, *next;

	list_for_each_entry_safe(obj, next, &kk->patch.objects, node)
		kp_object_free(obj);
	kfree(kk);
}

/* It is off. */
static void kp_kpatch_drop(struct kp_kpatch *kk)
{
	if (kk->patch.pinned) {
		list_move(&kk->node, &kp_kpatches_pinned);
		return;
	}
	list_del(&kk->node);
	kp_kpatch_free(kk);
}

static void kp_kpatch_replaced(struct kp_patch *patch)
{
	struct kp_kpatch *kk = container_of(patch, struct kp_kpatch, patch);

	kk->kpmod->enabled = false;
	if (!kk->busy)
		kp_kpatch_drop(kk);
}

static const struct kp_patch_ops kp_kpatch_ops = {
	.settled = kp_kpatch_settled,
	.replaced = kp_kpatch_replaced,
};

/* What a patch module says of itself, as far as it has to be there at all. */
static int kp_kpatch_is_odd(const struct kpatch_module *kpmod, const char *what)
{
	pr_err("patch '%s' cannot be registered: %s\n", kpmod->mod->name, what);
	return -EINVAL;
}

/* Nobody could walk through a list that is all zeros. */
static bool kp_list_is_made(const struct list_head *list)
{
	return list->next && list->prev;
}

static int kp_func_copy(struct kp_object *obj, struct kpatch_func *kfunc)
{
	struct kp_func *func;

	func = kp_fault() ? NULL : kzalloc(sizeof(*func), GFP_KERNEL);
	if (!func)
		return -ENOMEM;
	func->name = kfunc->name;
	func->sympos = kfunc->sympos;
	func->new_addr = kfunc->new_addr;
	func->new_size = kfunc->new_size;
	func->given_size = kfunc->old_size;
	func->force = kfunc->force;
	func->priv = kfunc;
	list_add_tail(&func->node, &obj->funcs);
	return 0;
}

static int kp_reloc_copy(struct kp_object *obj, struct kpatch_dynrela *dynrela)
{
	struct kp_reloc *reloc;

	reloc = kp_fault() ? NULL : kzalloc(sizeof(*reloc), GFP_KERNEL);
	if (!reloc)
		return -ENOMEM;
	reloc->dest = dynrela->dest;
	reloc->type = dynrela->type;
	reloc->sympos = dynrela->sympos;
	reloc->name = dynrela->name;
	reloc->addend = dynrela->addend;
	reloc->external = dynrela->external;
	reloc->priv = dynrela;
	list_add_tail(&reloc->node, &obj->relocs);
	return 0;
}

static void kp_object_set_callbacks(struct kp_kpatch_object *ko)
{
	struct kp_object *obj = &ko->obj;

	obj->linked_cb = kp_kpatch_linked;
	obj->unlinked_cb = kp_kpatch_set_mod;
	ko->hooks = kp_has_hooks(ko->kobj);
	if (ko->hooks) {
		obj->post_patch = kp_hooks_post_patch;
		obj->post_unpatch = kp_hooks_post_unpatch;
		return;
	}
	obj->pre_patch = kp_kpatch_pre_patch;
	obj->post_patch = kp_kpatch_post_patch;
	obj->pre_unpatch = kp_kpatch_pre_unpatch;
	obj->post_unpatch = kp_kpatch_post_unpatch;
}

static int kp_kpatch_check_object(const struct kpatch_module *kpmod,
				  const struct kpatch_object *kobj)
{
	const struct kpatch_dynrela *dynrela;
	const struct kpatch_func *kfunc;

	if (!kobj->name)
		return kp_kpatch_is_odd(kpmod, "an object has no name");
	if (!kp_list_is_made(&kobj->funcs) || !kp_list_is_made(&kobj->dynrelas))
		return kp_kpatch_is_odd(kpmod, "an object's list has not been initialized");
	list_for_each_entry(kfunc, &kobj->funcs, list)
		if (!kfunc->name || !kfunc->new_addr)
			return kp_kpatch_is_odd(kpmod, "a function has no name, or no replacement");
	list_for_each_entry(dynrela, &kobj->dynrelas, list)
		if (!dynrela->name)
			return kp_kpatch_is_odd(kpmod, "a relocation has no symbol");
	return 0;
}

static int kp_kpatch_check(const struct kpatch_module *kpmod)
{
	const struct kpatch_object *kobj;
	int ret;

	if (!kp_list_is_made(&kpmod->objects))
		return kp_kpatch_is_odd(kpmod, "its list of objects has not been initialized");
	if (list_empty(&kpmod->objects))
		return kp_kpatch_is_odd(kpmod, "it has no objects");
	list_for_each_entry(kobj, &kpmod->objects, list) {
		ret = kp_kpatch_check_object(kpmod, kobj);
		if (ret)
			return ret;
	}
	return 0;
}

static int kp_object_copy(struct kp_patch *patch, struct kpatch_object *kobj)
{
	struct kpatch_dynrela *dynrela;
	struct kp_kpatch_object *ko;
	struct kpatch_func *kfunc;
	int ret = 0;

	ko = kp_fault() ? NULL : kzalloc(sizeof(*ko), GFP_KERNEL);
	if (!ko)
		return -ENOMEM;
	ko->kobj = kobj;
	kp_object_init_empty(&ko->obj, kobj->name);
	kp_object_set_callbacks(ko);
	list_add_tail(&ko->obj.node, &patch->objects);

	list_for_each_entry(kfunc, &kobj->funcs, list) {
		ret = kp_func_copy(&ko->obj, kfunc);
		if (ret)
			return ret;
	}
	list_for_each_entry(dynrela, &kobj->dynrelas, list) {
		ret = kp_reloc_copy(&ko->obj, dynrela);
		if (ret)
			return ret;
	}
	return 0;
}

static int kp_kpatch_new(struct kpatch_module *kpmod,
			 struct kp_kpatch **result)
{
	struct kpatch_object *kobj;
	struct kp_kpatch *kk;
	int ret;

	kk = kp_fault() ? NULL : kzalloc(sizeof(*kk), GFP_KERNEL);
	if (!kk)
		return -ENOMEM;
	kp_patch_init(&kk->patch);
	kk->kpmod = kpmod;
	kk->patch.name = kpmod->mod->name;
	kk->patch.mod = kpmod->mod;
	kk->patch.at_once = true;
	kk->patch.ops = &kp_kpatch_ops;

	list_for_each_entry(kobj, &kpmod->objects, list) {
		ret = kp_object_copy(&kk->patch, kobj);
		if (ret) {
			kp_kpatch_free(kk);
			return ret;
		}
	}
	*result = kk;
	return 0;
}

/* Nobody waits for @kk any more. */
static void kp_kpatch_done(struct kp_kpatch *kk)
{
	kp_lock();
	kk->busy = false;
	if (kk->patch.state == KP_PATCH_OFF)
		kp_kpatch_drop(kk);
	kp_unlock();
}

static int kp_kpatch_prepare(struct kpatch_module *kpmod, bool replace,
			     struct kp_kpatch **result)
{
	struct kp_kpatch *kk = kp_kpatch_find(&kp_kpatches_pinned, kpmod);
	int ret = 0;

	if (kp_kpatch_find(&kp_kpatches, kpmod))
		return kp_kpatch_is_odd(kpmod, "it is registered already");
	if (kk)
		list_del(&kk->node);
	else
		ret = kp_kpatch_new(kpmod, &kk);
	if (ret)
		return ret;
	kk->patch.replace = replace;
	kk->busy = true;
	list_add_tail(&kk->node, &kp_kpatches);
	*result = kk;
	return 0;
}

int kpatch_register(struct kpatch_module *kpmod, bool replace)
{
	struct kp_kpatch *kk;
	int ret;

	kp_abi_check();
	if (!kpmod || !kpmod->mod)
		return -EINVAL;
	ret = kp_kpatch_check(kpmod);
	if (ret)
		return ret;
	kp_lock();
	ret = kp_kpatch_prepare(kpmod, replace, &kk);
	kp_unlock();
	if (ret)
		return ret;

	ret = kp_patch_enable_wait(&kk->patch);
	if (ret)
		pr_err("patch '%s' not enabled (%d)\n", kpmod->mod->name, ret);
	kp_kpatch_done(kk);
	return ret;
}
EXPORT_SYMBOL(kpatch_register);

int kpatch_unregister(struct kpatch_module *kpmod)
{
	struct kp_kpatch *kk;
	int ret;

	kp_lock();
	kk = kp_kpatch_find(&kp_kpatches, kpmod);
	if (!kk || kk->busy) {
		kp_unlock();
		return -EINVAL;
	}
	kk->busy = true;
	kp_unlock();

	ret = kp_patch_disable_wait(&kk->patch);
	if (ret)
		pr_err("patch '%s' not disabled (%d)\n", kpmod->mod->name, ret);
	kp_kpatch_done(kk);
	return ret;
}
EXPORT_SYMBOL(kpatch_unregister);
