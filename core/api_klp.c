// SPDX-License-Identifier: GPL-2.0
/*
 * The klp front end: mainline's live patching API for kernels that are built
 * without it.
 *
 * A patch gets a copy in the engine's terms (api_klp_copy.c).  When it is off,
 * whether it was disabled, replaced or never got enabled, its sysfs files go,
 * then the reference that keeps its module, then the copy.  That waits for
 * users of the files, who may be the ones that switched it off, so that a
 * worker does it.
 */
#define pr_fmt(fmt) "livepatch: " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "api_klp.h"
#include "compat.h"

LIST_HEAD(kp_klps);
struct kp_klp *kp_klp_moving;

/* Those that are off and still have files; registry's lock. */
static LIST_HEAD(kp_klps_off);

static struct workqueue_struct *kp_klp_wq;

bool kp_klp_is_enabled(const struct kp_klp *kk)
{
	enum kp_patch_state state = READ_ONCE(kk->patch.state);

	return state == KP_PATCH_ENABLING || state == KP_PATCH_ON;
}

/* Nobody knows it any more but sysfs. */
static void kp_klp_finish(struct kp_klp *kk)
{
	struct module *mod = kk->klp->mod;
	bool pinned = kk->patch.pinned;

	kp_klp_sysfs_remove(kk->klp);
	kp_lock();
	list_del(&kk->node);
	kk->klp->engine = NULL;
	kp_klp_free(kk);
	kp_unlock();
	/* Tasks may be in there for all we know. */
	if (!pinned)
		module_put(mod);
}

static void kp_klp_finish_work(struct work_struct *work)
{
	kp_klp_finish(container_of(work, struct kp_klp, work));
}

static void kp_klp_off(struct kp_klp *kk)
{
	kk->klp->enabled = false;
	list_move(&kk->node, &kp_klps_off);
	queue_work(kp_klp_wq, &kk->work);
}

static void kp_klp_settled(struct kp_patch *patch, bool on, int error)
{
	struct kp_klp *kk = container_of(patch, struct kp_klp, patch);

	WRITE_ONCE(kp_klp_moving, NULL);
	if (on)
		kk->klp->enabled = true;
	else
		kp_klp_off(kk);
}

static void kp_klp_replaced(struct kp_patch *patch)
{
	kp_klp_off(container_of(patch, struct kp_klp, patch));
}

static const struct kp_patch_ops kp_klp_ops = {
	.settled = kp_klp_settled,
	.replaced = kp_klp_replaced,
	.nops_added = kp_klp_sysfs_add_nops,
	.nops_leave = kp_klp_sysfs_remove_nops,
	.say = kp_klp_say,
	.blocked = kp_klp_say_blocked,
};

/* Lock held.  Afterwards it may be over and @kk as good as gone. */
static int kp_klp_start(struct kp_klp *kk, int (*start)(struct kp_patch *patch))
{
	int ret;

	/* The one in transition may be a patch of another front end. */
	if (kp_patch_moving())
		return -EBUSY;
	/* Callbacks ask who it is. */
	WRITE_ONCE(kp_klp_moving, kk);
	ret = start(&kk->patch);
	if (ret)
		WRITE_ONCE(kp_klp_moving, NULL);
	return ret;
}

int kp_klp_disable(struct kp_klp *kk)
{
	return kp_klp_start(kk, kp_patch_disable);
}

int kp_klp_reverse(struct kp_klp *kk)
{
	int ret;

	kp_klp_say_reversing(kk);
	ret = kp_patch_reverse(&kk->patch);
	if (!ret)
		kp_klp_say(&kk->patch, KP_EV_GO, NULL, 0);
	return ret;
}

int kp_klp_force(struct kp_klp *kk)
{
	pr_warn("forcing remaining tasks to the patched state\n");
	return kp_patch_force(&kk->patch);
}

static const struct kp_klp *kp_klp_of_module(const struct list_head *list,
					     const struct module *mod)
{
	const struct kp_klp *kk;

	list_for_each_entry(kk, list, node)
		if (kk->klp->mod == mod)
			return kk;
	return NULL;
}

/* May this patch follow those that are there?  Lock held. */
static int kp_klp_admit(struct klp_patch *klp)
{
	const struct kp_patch *moving = kp_patch_moving();

	if (kp_klp_of_module(&kp_klps, klp->mod)) {
		pr_err("patch '%s' is enabled already\n", klp->mod->name);
		return -EEXIST;
	}
	/* Its files are in the way, and perhaps its structs in use. */
	if (kp_klp_of_module(&kp_klps_off, klp->mod)) {
		pr_err("patch '%s' has not been cleared away yet: try again\n",
		       klp->mod->name);
		return -EBUSY;
	}
	if (!kp_klp_is_compatible(klp)) {
		pr_err("Livepatch patch (%s) is not compatible with the already installed livepatches.\n",
		       klp->mod->name);
		return -EINVAL;
	}
	if (moving) {
		pr_err("patch '%s' cannot be enabled while patch '%s' is in transition: try again\n",
		       klp->mod->name, moving->name);
		return -EBUSY;
	}
	return try_module_get(klp->mod) ? 0 : -ENODEV;
}

/* Lock held.  What it leaves after an error is for kp_klp_finish(). */
static int kp_klp_enable(struct kp_klp *kk)
{
	int ret;

	kk->patch.ops = &kp_klp_ops;
	INIT_WORK(&kk->work, kp_klp_finish_work);
	kk->klp->engine = kk;
	list_add_tail(&kk->node, &kp_klps);
	ret = kp_klp_sysfs_add(kk->klp);
	if (!ret)
		ret = kp_klp_start(kk, kp_patch_enable);
	if (ret)
		list_move(&kk->node, &kp_klps_off);
	return ret;
}

/* Called by the module_init() of patch modules; returns before all is done. */
int klp_enable_patch(struct klp_patch *patch)
{
	struct kp_klp *kk;
	int ret;

	ret = kp_klp_check(patch);
	if (ret)
		return ret;
	add_taint(KP_TAINT, LOCKDEP_STILL_OK);

	kp_lock();
	ret = kp_klp_admit(patch);
	if (ret)
		goto err_lock;
	kk = kp_klp_new(patch);
	if (IS_ERR(kk)) {
		ret = PTR_ERR(kk);
		goto err_module;
	}
	ret = kp_klp_enable(kk);
	kp_unlock();
	if (ret)
		kp_klp_finish(kk);
	return ret;

err_module:
	module_put(patch->mod);
err_lock:
	kp_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(klp_enable_patch);

int kp_klp_init(void)
{
	int ret;

	kp_klp_wq = alloc_ordered_workqueue("kpatch_klp", 0);
	if (!kp_klp_wq)
		return -ENOMEM;
	ret = kp_klp_sysfs_init();
	if (ret)
		destroy_workqueue(kp_klp_wq);
	return ret;
}

void kp_klp_exit(void)
{
	/* What patches have left to be done is done, sysfs included. */
	destroy_workqueue(kp_klp_wq);
	kp_klp_sysfs_exit();
	kp_klp_shadow_exit();
}
