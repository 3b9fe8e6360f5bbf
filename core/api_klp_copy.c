// SPDX-License-Identifier: GPL-2.0
/*
 * A patch of the klp front end, copied from the patch module's structs into the
 * engine's.  Symbol addresses and target modules are written back, for
 * callbacks that look at them.
 */
#define pr_fmt(fmt) "livepatch: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "api_klp.h"
#include "compat.h"
#include "fault.h"

/*
 * Objects that have callbacks have a @priv.  Mainline calls
 * @pre_patch always, and the others after that has succeeded, as the engine
 * does.
 */
static int kp_klp_pre_patch(struct kp_object *obj)
{
	struct klp_object *klp_obj = obj->priv;
	int ret = 0;

	if (klp_obj->callbacks.pre_patch)
		ret = klp_obj->callbacks.pre_patch(klp_obj);
	klp_obj->callbacks.post_unpatch_enabled = !ret;
	/* The module is refused and goes, with no further callback. */
	if (ret)
		klp_obj->mod = NULL;
	return ret;
}

static void kp_klp_post_patch(struct kp_object *obj)
{
	struct klp_object *klp_obj = obj->priv;

	if (klp_obj->callbacks.post_patch)
		klp_obj->callbacks.post_patch(klp_obj);
}

static void kp_klp_pre_unpatch(struct kp_object *obj)
{
	struct klp_object *klp_obj = obj->priv;

	if (klp_obj->callbacks.pre_unpatch)
		klp_obj->callbacks.pre_unpatch(klp_obj);
}

static void kp_klp_post_unpatch(struct kp_object *obj)
{
	struct klp_object *klp_obj = obj->priv;

	if (klp_obj->callbacks.post_unpatch)
		klp_obj->callbacks.post_unpatch(klp_obj);
	klp_obj->callbacks.post_unpatch_enabled = false;
	klp_obj->mod = NULL;
}

static void kp_klp_linked(struct kp_object *obj)
{
	struct klp_object *klp_obj = obj->priv;
	struct klp_func *klp_func;
	struct kp_func *func;

	klp_obj->mod = obj->mod;
	list_for_each_entry(func, &obj->funcs, node) {
		klp_func = func->priv;
		if (func->nop)
			continue;
		klp_func->old_func = (void *)func->old_addr;
		klp_func->old_size = func->old_size;
		klp_func->new_size = func->new_size;
	}
}

static struct kp_object *kp_klp_object_new(struct kp_patch *patch,
					   const char *name)
{
	struct kp_object *obj;

	obj = kp_fault() ? NULL : kzalloc(sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return NULL;
	kp_object_init_empty(obj, name ? name : "vmlinux");
	obj->missing = kp_klp_missing;
	list_add_tail(&obj->node, &patch->objects);
	return obj;
}

static int kp_klp_copy_func(struct kp_object *obj, struct klp_func *klp_func)
{
	struct kp_func *func;

	func = kp_fault() ? NULL : kzalloc(sizeof(*func), GFP_KERNEL);
	if (!func)
		return -ENOMEM;
	func->name = klp_func->old_name;
	func->sympos = klp_func->old_sympos;
	func->new_addr = (unsigned long)klp_func->new_func;
	func->priv = klp_func;
	list_add_tail(&func->node, &obj->funcs);
	return 0;
}

static int kp_klp_copy_object(struct kp_patch *patch,
			      struct klp_object *klp_obj)
{
	struct klp_func *klp_func;
	struct kp_object *obj;
	int ret;

	obj = kp_klp_object_new(patch, klp_obj->name);
	if (!obj)
		return -ENOMEM;
	obj->pre_patch = kp_klp_pre_patch;
	obj->post_patch = kp_klp_post_patch;
	obj->pre_unpatch = kp_klp_pre_unpatch;
	obj->post_unpatch = kp_klp_post_unpatch;
	obj->linked_cb = kp_klp_linked;
	obj->priv = klp_obj;
	klp_obj->engine = obj;
	klp_obj->dynamic = false;
	klp_obj->mod = NULL;

	klp_for_each_func_static(klp_obj, klp_func) {
		ret = kp_klp_copy_func(obj, klp_func);
		if (ret)
			return ret;
	}
	return 0;
}

static struct kp_object *kp_klp_object_of(struct kp_patch *patch,
					  const struct klp_reloc_ext *ext)
{
	const char *name = ext->objname ? ext->objname : "vmlinux";
	struct kp_object *obj = kp_patch_object(patch, name);

	return obj ? obj : kp_klp_object_new(patch, name);
}

static int kp_klp_copy_reloc(struct kp_patch *patch,
			     const struct klp_reloc_ext *ext)
{
	struct kp_object *obj = kp_klp_object_of(patch, ext);
	struct kp_reloc *reloc;

	if (!obj)
		return -ENOMEM;
	reloc = kp_fault() ? NULL : kzalloc(sizeof(*reloc), GFP_KERNEL);
	if (!reloc)
		return -ENOMEM;
	reloc->dest = (unsigned long)ext->dest;
	reloc->type = ext->type;
	reloc->sympos = ext->sympos;
	reloc->name = ext->name;
	reloc->addend = ext->addend;
	list_add_tail(&reloc->node, &obj->relocs);
	return 0;
}

static int kp_klp_copy(struct kp_patch *patch, struct klp_patch *klp)
{
	const struct klp_reloc_ext *ext;
	struct klp_object *klp_obj;
	struct kp_object *obj;
	int ret;

	klp_for_each_object_static(klp, klp_obj) {
		ret = kp_klp_copy_object(patch, klp_obj);
		if (ret)
			return ret;
	}
	for (ext = klp->relocs; ext && ext->name; ext++) {
		ret = kp_klp_copy_reloc(patch, ext);
		if (ret)
			return ret;
	}
	/* The kernel's relocations come first: others' callbacks use them. */
	list_for_each_entry(obj, &patch->objects, node) {
		if (kp_object_is_vmlinux(obj)) {
			if (!obj->priv)
				list_move(&obj->node, &patch->objects);
			break;
		}
	}
	return 0;
}

struct kp_klp *kp_klp_new(struct klp_patch *klp)
{
	struct kp_klp *kk;
	int ret;

	kk = kp_fault() ? NULL : kzalloc(sizeof(*kk), GFP_KERNEL);
	if (!kk)
		return ERR_PTR(-ENOMEM);
	kp_patch_init(&kk->patch);
	kk->klp = klp;
	kk->patch.name = klp->mod->name;
	kk->patch.mod = klp->mod;
	kk->patch.held = true;
	kk->patch.replace = klp->replace;
	kk->patch.patient = true;
	kk->patch.strict = true;

	ret = kp_klp_copy(&kk->patch, klp);
	if (!ret)
		return kk;
	kp_klp_free(kk);
	return ERR_PTR(ret);
}

static void kp_klp_free_object(struct kp_object *obj)
{
	struct kp_reloc *reloc, *next_reloc;
	struct kp_func *func, *next_func;

	list_for_each_entry_safe(func, next_func, &obj->funcs, node)
		kfree(func);
	list_for_each_entry_safe(reloc, next_reloc, &obj->relocs, node)
		kfree(reloc);
	kfree(obj);
}

void kp_klp_free(struct kp_klp *kk)
{
	struct kp_object *obj, *next;

	list_for_each_entry_safe(obj, next, &kk->patch.objects, node)
		kp_klp_free_object(obj);
	kfree(kk);
}
