// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: what a patch does to vmlinux or to one module, and modules that
 * come and go.
 *
 * A target module is never pinned.  What keeps it from going away under us is
 * that its going-notifier has to take the registry's lock.  "It is there" means
 * that our coming-notifier has seen it and our going-notifier has not: between
 * its birth and our notifier the loader is not done with it.
 *
 * One that was in its init already when our notifiers were registered is not there
 * until it is live.  It cannot be told from one that our coming-notifier will see.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "compat/module.h"
#include "early.h"
#include "fault.h"
#include "object.h"
#include "symbol.h"

static const struct kp_module_events *kp_module_events;

/*
 * Modules between our coming-notifier and the end of their init; guarded by
 * kp_module_events->lock.
 */
static LIST_HEAD(kp_young_modules);

/**
 * struct kp_young_module - a module that is being loaded
 * @node:	in kp_young_modules
 * @mod:	the module
 * @loader:	who loads it, and will call its init
 * @error:	why it is refused, where its init has to do that; else 0
 */
struct kp_young_module {
	struct list_head node;
	struct module *mod;
	struct task_struct *loader;
	int error;
};

/*
 * Modules that a patch found on their way, and that were not young: until they are
 * live no patch finds them, and then all do, oldest first; guarded by
 * kp_module_events->lock.
 */
static LIST_HEAD(kp_awaited_modules);

/**
 * struct kp_awaited_module - a module that is or was about to be loaded
 * @node:	in kp_awaited_modules
 * @name:	its name: what has become of it is not always told
 */
struct kp_awaited_module {
	struct list_head node;
	char name[MODULE_NAME_LEN];
};

bool kp_object_is_vmlinux(const struct kp_object *obj)
{
	return !strcmp(obj->name, "vmlinux");
}

static struct kp_young_module *kp_young_find(const char *name)
{
	struct kp_young_module *young;

	list_for_each_entry(young, &kp_young_modules, node)
		if (!strcmp(young->mod->name, name))
			return young;
	return NULL;
}

static struct kp_awaited_module *kp_awaited_find(const char *name)
{
	struct kp_awaited_module *awaited;

	list_for_each_entry(awaited, &kp_awaited_modules, node)
		if (!strcmp(awaited->name, name))
			return awaited;
	return NULL;
}

static int kp_awaited_add(const char *name)
{
	struct kp_awaited_module *awaited;

	awaited = kp_fault() ? NULL : kzalloc(sizeof(*awaited), GFP_KERNEL);
	if (!awaited)
		return -ENOMEM;
	snprintf(awaited->name, sizeof(awaited->name), "%s", name);
	list_add(&awaited->node, &kp_awaited_modules);
	return 0;
}

/* Has it been awaited? */
static bool kp_awaited_del(const char *name)
{
	struct kp_awaited_module *awaited = kp_awaited_find(name);

	if (!awaited)
		return false;
	list_del(&awaited->node);
	kfree(awaited);
	return true;
}

/* *@mod is the module of @obj if it is there, else NULL. */
static int kp_object_module(struct module *patch, const struct kp_object *obj,
			    struct module **mod)
{
	struct kp_young_module *young = kp_young_find(obj->name);
	bool coming;

	*mod = young && !young->error ? young->mod : NULL;
	if (young || kp_awaited_find(obj->name))
		return 0;
	*mod = kp_find_module(obj->name, &coming);
	if (!coming)
		return 0;
	pr_notice("patch '%s': module '%s' is being loaded: if it is in its init already it is patched when that is over\n",
		  patch->name, obj->name);
	return kp_awaited_add(obj->name);
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

/* External symbols that nobody has found yet, in @mod or in vmlinux. */
static int kp_object_seek(struct kp_object *obj, struct module *mod)
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
		*batch.answers[i] = batch.syms[i].addr;
	kp_batch_free(&batch);
	return ret;
}

/*
 * An external symbol is the patch module's own, or somebody's export.  Exports
 * are looked for in the tables of all symbols: their names are unique among
 * exports, so the first of the name is the right one in practice.
 */
static int kp_object_find_external(struct module *patch, struct kp_object *obj)
{
	struct kp_reloc *reloc;
	int ret;

	list_for_each_entry(reloc, &obj->relocs, node)
		if (reloc->external)
			reloc->src = 0;
	ret = kp_object_seek(obj, patch);
	if (!ret)
		ret = kp_object_seek(obj, NULL);
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

static int kp_func_measure(struct module *patch, struct kp_func *func)
{
	int ret;

	if (!func->old_size)
		func->old_size = kp_symbol_size(func->old_addr);
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
		ret = kp_func_measure(patch, func);
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
	/* The kernel's symbols stay where they are, modules' may not. */
	if (in_use || kp_object_is_vmlinux(obj))
		return;
	list_for_each_entry(reloc, &obj->relocs, node)
		kp_reloc_clear(reloc);
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
		ret = kp_object_module(patch, obj, &mod);
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

static struct kp_young_module *kp_young_add(struct module *mod)
{
	struct kp_young_module *young;

	young = kp_fault() ? NULL : kzalloc(sizeof(*young), GFP_KERNEL);
	if (!young)
		return NULL;
	young->mod = mod;
	young->loader = current;
	list_add(&young->node, &kp_young_modules);
	return young;
}

static void kp_young_del(struct module *mod)
{
	struct kp_young_module *young = kp_young_find(mod->name);

	if (young) {
		list_del(&young->node);
		kfree(young);
	}
}

/* In place of a refused module's own init, where notifiers are not asked. */
static int kp_refused_init(void)
{
	int error = -ENOMEM;	/* or it would be in the list */
	struct kp_young_module *young;

	mutex_lock(kp_module_events->lock);
	list_for_each_entry(young, &kp_young_modules, node)
		if (young->loader == current && young->error)
			error = young->error;
	mutex_unlock(kp_module_events->lock);
	return error;
}

/* Is what is known of the module needed until it goes?  See kp_module_refuse(). */
static bool kp_refuse(struct module *mod)
{
	if (!kp_module_refuse(mod, kp_refused_init))
		return false;
	__module_get(THIS_MODULE);	/* kp_refused_init() is here */
	return true;
}

static int kp_module_coming(struct module *mod)
{
	struct kp_young_module *young = kp_young_add(mod);
	int ret;

	if (!young) {
		pr_err("no memory to look for patches of new module '%s', which is refused: load it again\n",
		       mod->name);
		kp_refuse(mod);
		return -ENOMEM;
	}
	ret = kp_module_events->coming(mod);
	if (ret) {
		young->error = ret;
		if (!kp_refuse(mod))
			kp_young_del(mod);
	}
	return ret;
}

/* @mod is live, and what wants to patch it has not been applied yet. */
static void kp_module_late(struct module *mod)
{
	int ret = kp_module_events->coming(mod);

	/* Who would have refused it has said so. */
	if (ret)
		pr_err("module '%s' runs UNPATCHED: it was in its init before kpatch.ko was loaded, and cannot be refused any more (%d)\n",
		       mod->name, ret);
}

static int kp_notify_early(struct notifier_block *nb, unsigned long action,
			   void *data)
{
	struct module *mod = data;

	if (action == MODULE_STATE_COMING)
		return notifier_from_errno(kp_early_coming(mod));
	mutex_lock(kp_module_events->lock);
	if (action == MODULE_STATE_LIVE || action == MODULE_STATE_GOING)
		kp_young_del(mod);
	if (kp_awaited_del(mod->name) && action == MODULE_STATE_LIVE)
		kp_module_late(mod);
	if (action == MODULE_STATE_GOING)
		kp_module_events->going(mod);
	mutex_unlock(kp_module_events->lock);
	if (action == MODULE_STATE_GOING && mod->init == kp_refused_init)
		module_put(THIS_MODULE);
	return NOTIFY_DONE;
}

static int kp_notify_late(struct notifier_block *nb, unsigned long action,
			  void *data)
{
	int ret = 0;

	if (action != MODULE_STATE_COMING)
		return NOTIFY_DONE;
	mutex_lock(kp_module_events->lock);
	kp_awaited_del(((struct module *)data)->name);
	ret = kp_module_coming(data);
	mutex_unlock(kp_module_events->lock);
	return notifier_from_errno(ret);
}

/* Others set a new module up first, and take a leaving one apart later. */
static struct notifier_block kp_early_nb = {
	.notifier_call = kp_notify_early,
	.priority = INT_MAX,
};

static struct notifier_block kp_late_nb = {
	.notifier_call = kp_notify_late,
	.priority = INT_MIN,
};

int kp_object_init(const struct kp_module_events *events)
{
	int ret;

	kp_module_events = events;
	ret = register_module_notifier(&kp_early_nb);
	if (ret)
		return ret;
	ret = register_module_notifier(&kp_late_nb);
	if (ret)
		unregister_module_notifier(&kp_early_nb);
	return ret;
}

void kp_object_exit(void)
{
	struct kp_awaited_module *awaited, *next_awaited;
	struct kp_young_module *young, *next;

	unregister_module_notifier(&kp_late_nb);
	unregister_module_notifier(&kp_early_nb);
	list_for_each_entry_safe(young, next, &kp_young_modules, node) {
		list_del(&young->node);
		kfree(young);
	}
	list_for_each_entry_safe(awaited, next_awaited, &kp_awaited_modules,
				 node) {
		list_del(&awaited->node);
		kfree(awaited);
	}
}
