// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: what a patch does to vmlinux or to one module.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "compat/module.h"
#include "fault.h"
#include "object.h"
#include "object_target.h"
#include "symbol.h"

bool kp_object_is_vmlinux(const struct kp_object *obj)
{
	return !strcmp(obj->name, "vmlinux");
}

/* Questions to one symbol table, and where the answers go. */
struct kp_batch {
	struct kp_symbol *syms;
	unsigned long **answers;
	unsigned int nr;
	unsigned int max;
};

static int kp_batch_alloc(struct kp_batch *batch, unsigned int max)
{
	memset(batch, 0, sizeof(*batch));
	if (!max)
		return 0;
	if (kp_fault())
		return -ENOMEM;
	batch->max = max;
	batch->syms = kvcalloc(max, sizeof(*batch->syms), GFP_KERNEL);
	batch->answers = kvcalloc(max, sizeof(*batch->answers), GFP_KERNEL);
	return batch->syms && batch->answers ? 0 : -ENOMEM;
}

static void kp_batch_free(struct kp_batch *batch)
{
	kvfree(batch->syms);
	kvfree(batch->answers);
}

static void kp_batch_add(struct kp_batch *batch, const char *name,
			 unsigned long sympos, unsigned long *answer,
			 struct kp_part **parts)
{
	unsigned int i = batch->nr++;

	batch->syms[i].name = name;
	batch->syms[i].sympos = sympos;
	batch->syms[i].parts = parts;
	batch->answers[i] = answer;
}

static int kp_batch_run(struct kp_batch *batch, struct kp_object *obj)
{
	struct kp_symbol *sym;
	unsigned int i;
	int ret = kp_symbols_find(obj->mod, batch->syms, batch->nr);

	if (ret)
		return ret;
	for (i = 0; i < batch->nr; i++) {
		sym = &batch->syms[i];
		if (!kp_symbol_found(sym))
			return obj->missing ? obj->missing(obj, sym) :
					      kp_symbol_missing(sym, obj->name);
		*batch->answers[i] = sym->addr;
	}
	return 0;
}

static unsigned int kp_object_count(const struct kp_object *obj)
{
	struct list_head *pos;
	unsigned int nr = 0;

	list_for_each(pos, &obj->funcs)
		nr++;
	list_for_each(pos, &obj->relocs)
		nr++;
	return nr;
}

static void kp_batch_add_object(struct kp_batch *batch, struct kp_object *obj)
{
	struct kp_reloc *reloc;
	struct kp_func *func;

	list_for_each_entry(func, &obj->funcs, node)
		kp_batch_add(batch, func->name, func->sympos, &func->old_addr,
			     &func->old_parts);
	list_for_each_entry(reloc, &obj->relocs, node)
		if (!reloc->external)
			kp_batch_add(batch, reloc->name, reloc->sympos,
				     &reloc->src, NULL);
}

/* A module's own names; vmlinux's and external ones are not looked for here. */
static int kp_object_find_own(struct kp_object *obj)
{
	struct kp_batch batch;
	int ret;

	ret = kp_batch_alloc(&batch, kp_object_count(obj));
	if (!ret) {
		kp_batch_add_object(&batch, obj);
		ret = kp_batch_run(&batch, obj);
	}
	kp_batch_free(&batch);
	return ret;
}

static void kp_names_free(struct kp_batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		kfree(batch->syms[i].name);
}

/* The replacements, by the names that the patch module has for them. */
static int kp_batch_add_new(struct kp_batch *batch, struct kp_object *obj)
{
	struct kp_func *func;
	char *name;

	list_for_each_entry(func, &obj->funcs, node) {
		if (!func->new_addr)
			continue;
		name = kp_symbol_name(func->new_addr);
		if (!name)
			return -ENOMEM;
		kp_batch_add(batch, name, 0, NULL, &func->new_parts);
	}
	return 0;
}

/* Only the parts are asked for: where replacements are is known. */
static int kp_object_find_new_parts(struct module *patch, struct kp_object *obj)
{
	struct kp_batch batch;
	int ret;

	ret = kp_batch_alloc(&batch, kp_object_count(obj));
	if (!ret)
		ret = kp_batch_add_new(&batch, obj);
	if (!ret)
		ret = kp_symbols_find(patch, batch.syms, batch.nr);
	kp_names_free(&batch);
	kp_batch_free(&batch);
	return ret;
}

static bool kp_reloc_seeks(const struct kp_reloc *reloc)
{
	return reloc->external && !reloc->src;
}

/*
 * One of several is meant if it is exported.  (Since 6.5 those that are not for GPL
 * only cannot be asked for.)
 */
static int kp_external_answer(struct module *patch, const struct kp_symbol *sym,
			      const char *where, unsigned long *answer)
{
	*answer = sym->count > 1 ? kp_symbol_exported(sym->name) : sym->addr;
	if (*answer || !sym->count)
		return 0;
	pr_err("%s: external symbol '%s' is one of %lu of that name in '%s', and none is exported\n",
	       patch->name, sym->name, sym->count, where);
	return -EINVAL;
}

/* External symbols that nobody has found yet, in @mod or in vmlinux. */
static int kp_object_seek(struct module *patch, struct kp_object *obj,
			  struct module *mod)
{
	struct kp_reloc *reloc;
	struct kp_batch batch;
	unsigned int i, nr = 0;
	int ret;

	list_for_each_entry(reloc, &obj->relocs, node)
		nr += kp_reloc_seeks(reloc);
	ret = kp_batch_alloc(&batch, nr);
	if (!ret) {
		list_for_each_entry(reloc, &obj->relocs, node)
			if (kp_reloc_seeks(reloc))
				kp_batch_add(&batch, reloc->name, 0,
					     &reloc->src, NULL);
		ret = kp_symbols_find(mod, batch.syms, batch.nr);
	}
	for (i = 0; i < batch.nr && !ret; i++)
		ret = kp_external_answer(patch, &batch.syms[i],
					 mod ? mod->name : "vmlinux",
					 batch.answers[i]);
	kp_batch_free(&batch);
	return ret;
}

/*
 * An external symbol is the patch module's own, or somebody's export.  Exports
 * are looked for in the tables of all symbols.
 */
static int kp_object_find_external(struct module *patch, struct kp_object *obj)
{
	struct kp_reloc *reloc;
	int ret;

	list_for_each_entry(reloc, &obj->relocs, node)
		if (reloc->external)
			reloc->src = 0;
	ret = kp_object_seek(patch, obj, patch);
	if (!ret)
		ret = kp_object_seek(patch, obj, NULL);
	if (ret)
		return ret;
	list_for_each_entry(reloc, &obj->relocs, node) {
		if (!kp_reloc_seeks(reloc))
			continue;
		reloc->src = kp_symbol_of_modules(reloc->name);
		if (!reloc->src) {
			pr_err("%s: nobody exports '%s'\n", patch->name,
			       reloc->name);
			return -ENOENT;
		}
		cond_resched();
	}
	return 0;
}

/*
 * One that goes on beyond the end of all addresses would end before it begins, and
 * hide the code of other functions from those who look for it on stacks.
 */
static int kp_size_check(struct module *patch, const struct kp_func *func,
			 unsigned long addr, unsigned long size,
			 const char *what)
{
	if (size <= ULONG_MAX - addr)
		return 0;
	pr_err("%s: %s'%s' cannot be %lu bytes long\n", patch->name, what,
	       func->name, size);
	return -EINVAL;
}

/* Code of an init is freed when that is over, and nobody would tell us. */
static int kp_func_check_stays(struct module *patch, const struct kp_object *obj,
			       const struct kp_func *func)
{
	if (kp_object_is_vmlinux(obj) ? kp_symbol_is_text(func->old_addr) :
	    kp_module_core(obj->mod, func->old_addr, 1))
		return 0;
	pr_err("%s: '%s' is no function of '%s' that stays there after its init\n",
	       patch->name, func->name, obj->name);
	return -EINVAL;
}

static int kp_func_measure(struct module *patch, const struct kp_object *obj,
			   struct kp_func *func)
{
	int ret = kp_func_check_stays(patch, obj, func);

	if (ret)
		return ret;
	/* Each time: a module that comes again may be another build of it. */
	func->old_size = max(func->given_size, kp_symbol_size(func->old_addr));
	if (!func->new_size && func->new_addr)
		func->new_size = kp_symbol_size(func->new_addr);
	if (!func->old_size || (func->new_addr && !func->new_size)) {
		pr_err("%s: cannot tell how long '%s'%s is\n", patch->name,
		       func->name, func->old_size ? " of the patch" : "");
		return -ENOENT;
	}
	ret = kp_size_check(patch, func, func->old_addr, func->old_size, "");
	if (!ret)
		ret = kp_size_check(patch, func, func->new_addr, func->new_size,
				    "the replacement of ");
	return ret;
}

static int kp_object_apply(struct module *patch, struct kp_object *obj)
{
	struct kp_reloc *reloc;
	struct kp_func *func;
	int ret;

	ret = kp_object_find_external(patch, obj);
	if (ret)
		return ret;
	list_for_each_entry(reloc, &obj->relocs, node) {
		ret = kp_reloc_apply(patch, reloc);
		if (ret)
			return ret;
	}
	list_for_each_entry(func, &obj->funcs, node) {
		/* Sizes come from a search through all symbols of a module. */
		cond_resched();
		ret = kp_func_measure(patch, obj, func);
		if (ret)
			return ret;
	}
	return 0;
}

static void kp_object_set_linked(struct kp_object *obj)
{
	obj->linked = true;
	if (obj->linked_cb)
		obj->linked_cb(obj);
}

void kp_func_forget(struct kp_func *func)
{
	kp_parts_free(&func->old_parts);
	kp_parts_free(&func->new_parts);
}

void kp_object_unlink(struct kp_object *obj, bool in_use)
{
	bool linked = obj->linked;
	struct kp_reloc *reloc;
	struct kp_func *func;

	obj->linked = false;
	obj->mod = NULL;
	if (linked && obj->unlinked_cb)
		obj->unlinked_cb(obj);
	list_for_each_entry(func, &obj->funcs, node)
		kp_func_forget(func);
	list_for_each_entry(reloc, &obj->relocs, node) {
		/* The kernel's symbols stay where they are, modules' may not. */
		if (kp_object_is_vmlinux(obj) && !reloc->external)
			continue;
		if (in_use)
			kp_reloc_keep(reloc);
		kp_reloc_clear(reloc);
	}
}

/*
 * A function has one replacement in a patch: of two, the older would be what the
 * newer one's callers get while they are not to get anything new.  Names do not
 * tell, as it may have several.  See kp_func_is_repeated() for the same, twice.
 */
static int kp_func_check_single(struct module *patch,
				const struct kp_object *obj,
				const struct kp_func *func)
{
	const struct kp_func *other;
	bool alias;

	list_for_each_entry(other, &obj->funcs, node) {
		if (other == func)
			break;
		if (other->old_addr != func->old_addr || other->nop ||
		    func->nop || other->new_addr == func->new_addr)
			continue;
		alias = strcmp(func->name, other->name);
		pr_err("%s: '%s' is replaced twice%s%s%s\n", patch->name,
		       func->name, alias ? ": it is also called '" : "",
		       alias ? other->name : "", alias ? "'" : "");
		return -EINVAL;
	}
	return 0;
}

static int kp_object_check_single(struct module *patch,
				  const struct kp_object *obj)
{
	const struct kp_func *func;
	int ret;

	list_for_each_entry(func, &obj->funcs, node) {
		ret = kp_func_check_single(patch, obj, func);
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

int kp_object_link(struct module *patch, struct kp_object *obj,
		   struct module *mod)
{
	int ret;

	obj->mod = mod;
	ret = kp_object_find_own(obj);
	if (!ret)
		ret = kp_object_check_single(patch, obj);
	if (!ret)
		ret = kp_object_find_new_parts(patch, obj);
	if (!ret)
		ret = kp_object_apply(patch, obj);
	if (ret)
		kp_object_unlink(obj, false);
	else
		kp_object_set_linked(obj);
	return ret;
}

static int kp_object_link_if_there(struct module *patch, struct kp_object *obj)
{
	struct module *mod = NULL;
	int ret;

	if (obj->linked)
		return 0;
	if (!kp_object_is_vmlinux(obj)) {
		ret = kp_target_find(patch, obj->name, &mod);
		if (ret || !mod)
			return ret;
	}
	return kp_object_link(patch, obj, mod);
}

int kp_objects_link(struct module *patch, struct list_head *objects)
{
	struct kp_object *obj;
	int ret;

	list_for_each_entry(obj, objects, node) {
		ret = kp_object_link_if_there(patch, obj);
		if (ret)
			goto err_unlink;
	}
	return 0;

err_unlink:
	list_for_each_entry(obj, objects, node)
		kp_object_unlink(obj, false);
	return ret;
}

int kp_object_pre_patch(struct kp_object *obj)
{
	int ret = 0;

	if (!obj->linked)
		return 0;
	if (obj->pre_patch)
		ret = obj->pre_patch(obj);
	/* The loader, and notifiers, take that for something else. */
	if (ret > 0)
		ret = -EINVAL;
	if (!ret)
		obj->callbacks = true;
	return ret;
}

void kp_object_post_patch(struct kp_object *obj)
{
	if (obj->linked && obj->callbacks && obj->post_patch)
		obj->post_patch(obj);
}

void kp_object_pre_unpatch(struct kp_object *obj)
{
	if (obj->linked && obj->callbacks && obj->pre_unpatch)
		obj->pre_unpatch(obj);
}

void kp_object_post_unpatch(struct kp_object *obj)
{
	if (obj->linked && obj->callbacks && obj->post_unpatch)
		obj->post_unpatch(obj);
	obj->callbacks = false;
}
