// SPDX-License-Identifier: GPL-2.0
/*
 * Modules that patches are for, as they come and go.
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
#include "object_target.h"
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

/*
 * Modules that are going and whose notifiers have been called: for us they are gone.
 * Those that are going otherwise are in their exit, which is code like any other.
 * Guarded by kp_module_events->lock.
 */
static LIST_HEAD(kp_gone_modules);

/* There was no memory to note one of those. */
static bool kp_gone_unknown;

/**
 * struct kp_gone_module - a module that is being taken apart, or was
 * @node:	in kp_gone_modules
 * @name:	its name
 */
struct kp_gone_module {
	struct list_head node;
	char name[MODULE_NAME_LEN];
};

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

static void kp_gone_del(struct kp_gone_module *gone)
{
	list_del(&gone->node);
	kfree(gone);
}

static struct kp_gone_module *kp_gone_find(const char *name)
{
	struct kp_gone_module *gone;

	list_for_each_entry(gone, &kp_gone_modules, node)
		if (!strcmp(gone->name, name))
			return gone;
	return NULL;
}

/* There is another one of that name now, or none any more. */
static void kp_gone_forget(const char *name)
{
	struct kp_gone_module *gone, *next;
	enum module_state state;

	list_for_each_entry_safe(gone, next, &kp_gone_modules, node)
		if (!strcmp(gone->name, name) ||
		    !kp_find_module(gone->name, &state))
			kp_gone_del(gone);
}

static void kp_gone_add(const char *name)
{
	struct kp_gone_module *gone;

	kp_gone_forget(name);
	gone = kp_fault() ? NULL : kzalloc(sizeof(*gone), GFP_KERNEL);
	if (!gone) {
		kp_gone_unknown = true;
		return;
	}
	snprintf(gone->name, sizeof(gone->name), "%s", name);
	list_add(&gone->node, &kp_gone_modules);
}

/* @mod is in its exit, or beyond. */
static int kp_target_going(struct module *patch, struct module **mod)
{
	const char *name = (*mod)->name;

	if (!kp_gone_find(name)) {
		if (!kp_gone_unknown)
			return 0;
		pr_err("patch '%s': module '%s' is being unloaded: try again when it is gone\n",
		       patch->name, name);
		return -EBUSY;
	}
	*mod = NULL;
	return 0;
}

int kp_target_find(struct module *patch, const char *name, struct module **mod)
{
	struct kp_young_module *young = kp_young_find(name);
	enum module_state state;

	*mod = young && !young->error ? young->mod : NULL;
	if (young || kp_awaited_find(name))
		return 0;
	*mod = kp_find_module(name, &state);
	if (!*mod || state == MODULE_STATE_LIVE)
		return 0;
	if (state == MODULE_STATE_GOING)
		return kp_target_going(patch, mod);
	*mod = NULL;
	pr_notice("patch '%s': module '%s' is being loaded: if it is in its init already it is patched when that is over\n",
		  patch->name, name);
	return kp_awaited_add(name);
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

	if (action == MODULE_STATE_COMING) {
		mutex_lock(kp_module_events->lock);
		kp_gone_forget(mod->name);
		mutex_unlock(kp_module_events->lock);
		return notifier_from_errno(kp_early_coming(mod));
	}
	mutex_lock(kp_module_events->lock);
	if (action == MODULE_STATE_LIVE || action == MODULE_STATE_GOING)
		kp_young_del(mod);
	if (kp_awaited_del(mod->name) && action == MODULE_STATE_LIVE)
		kp_module_late(mod);
	if (action == MODULE_STATE_GOING) {
		kp_module_events->going(mod);
		kp_gone_add(mod->name);
	}
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

int kp_targets_init(const struct kp_module_events *events)
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

void kp_targets_exit(void)
{
	struct kp_awaited_module *awaited, *next_awaited;
	struct kp_gone_module *gone, *next_gone;
	struct kp_young_module *young, *next;

	unregister_module_notifier(&kp_late_nb);
	unregister_module_notifier(&kp_early_nb);
	list_for_each_entry_safe(young, next, &kp_young_modules, node) {
		list_del(&young->node);
		kfree(young);
	}
	list_for_each_entry_safe(gone, next_gone, &kp_gone_modules, node)
		kp_gone_del(gone);
	list_for_each_entry_safe(awaited, next_awaited, &kp_awaited_modules,
				 node) {
		list_del(&awaited->node);
		kfree(awaited);
	}
}
