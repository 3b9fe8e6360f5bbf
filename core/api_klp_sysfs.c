// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/livepatch, as mainline documents it:
 *
 *	<patch>/enabled, transition, force, replace, stack_order
 *	<patch>/<object>/patched
 *	<patch>/<object>/<function,sympos>/
 *
 * The kobjects are in the patch module's structs.  Only that of the patch is
 * waited for: it outlives those below it, as its children hold it.  Those of
 * functions which a patch gives back to the original are ours, and go alone.
 */
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "api_klp.h"
#include "compat.h"
#include "fault.h"

static struct kobject *kp_klp_root;

static struct kp_klp *kp_klp_of(struct kobject *kobj)
{
	return container_of(kobj, struct klp_patch, kobj)->engine;
}

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sprintf(buf, "%d\n", kp_klp_is_enabled(kp_klp_of(kobj)));
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	struct kp_klp *kk = kp_klp_of(kobj);
	bool enable;
	int ret;

	ret = kstrtobool(buf, &enable);
	if (ret)
		return ret;

	kp_lock();
	if (kp_klp_is_enabled(kk) == enable)
		ret = -EINVAL;
	else if (kk == kp_klp_moving)
		ret = kp_klp_reverse(kk);
	else if (!enable)
		ret = kp_klp_disable(kk);
	else
		ret = -EINVAL;
	kp_unlock();
	return ret ? ret : count;
}

static ssize_t transition_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	return sprintf(buf, "%d\n",
		       kp_klp_of(kobj) == READ_ONCE(kp_klp_moving));
}

static ssize_t force_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	struct kp_klp *kk = kp_klp_of(kobj);
	bool force;
	int ret;

	ret = kstrtobool(buf, &force);
	if (ret)
		return ret;
	if (!force)
		return count;

	kp_lock();
	ret = kk == kp_klp_moving ? kp_klp_force(kk) : -EINVAL;
	kp_unlock();
	return ret ? ret : count;
}

static ssize_t replace_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sprintf(buf, "%d\n", kp_klp_of(kobj)->patch.replace);
}

static ssize_t stack_order_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	struct kp_klp *this = kp_klp_of(kobj), *kk;
	int order = 0;

	kp_lock();
	list_for_each_entry(kk, &kp_klps, node) {
		order++;
		if (kk == this)
			break;
	}
	kp_unlock();
	return sprintf(buf, "%d\n", order);
}

static ssize_t patched_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	const struct kp_object *obj =
		container_of(kobj, struct klp_object, kobj)->engine;

	return sprintf(buf, "%d\n", READ_ONCE(obj->linked));
}

static struct kobj_attribute enabled_attr =
	__ATTR(enabled, 0644, enabled_show, enabled_store);
static struct kobj_attribute transition_attr = __ATTR_RO(transition);
static struct kobj_attribute force_attr =
	__ATTR(force, 0200, NULL, force_store);
static struct kobj_attribute replace_attr = __ATTR_RO(replace);
static struct kobj_attribute stack_order_attr = __ATTR_RO(stack_order);
static struct kobj_attribute patched_attr = __ATTR_RO(patched);

static struct attribute *kp_klp_patch_attrs[] = {
	&enabled_attr.attr,
	&transition_attr.attr,
	&force_attr.attr,
	&replace_attr.attr,
	&stack_order_attr.attr,
	NULL,
};

static const struct attribute_group kp_klp_patch_group = {
	.attrs = kp_klp_patch_attrs,
};

static void kp_klp_release_patch(struct kobject *kobj)
{
	complete(&container_of(kobj, struct klp_patch, kobj)->finish);
}

/* Objects and functions are parts of the patch, or made for its nops. */
static void kp_klp_release_part(struct kobject *kobj)
{
}

static void kp_klp_release_nop_object(struct kobject *kobj)
{
	kfree(container_of(kobj, struct klp_object, kobj));
}

static void kp_klp_release_nop(struct kobject *kobj)
{
	kfree(container_of(kobj, struct klp_func, kobj));
}

static struct kobj_type kp_klp_ktype_patch = {
	.release = kp_klp_release_patch,
	.sysfs_ops = &kobj_sysfs_ops,
};

static struct kobj_type kp_klp_ktype_part = {
	.release = kp_klp_release_part,
	.sysfs_ops = &kobj_sysfs_ops,
};

static struct kobj_type kp_klp_ktype_nop_object = {
	.release = kp_klp_release_nop_object,
	.sysfs_ops = &kobj_sysfs_ops,
};

static struct kobj_type kp_klp_ktype_nop = {
	.release = kp_klp_release_nop,
	.sysfs_ops = &kobj_sysfs_ops,
};

static void kp_klp_kobjects_init(struct klp_patch *klp)
{
	struct klp_object *obj;
	struct klp_func *func;

	/* A patch that was disabled may be enabled by another module_init(). */
	memset(&klp->kobj, 0, sizeof(klp->kobj));
	init_completion(&klp->finish);
	kobject_init(&klp->kobj, &kp_klp_ktype_patch);
	klp_for_each_object_static(klp, obj) {
		memset(&obj->kobj, 0, sizeof(obj->kobj));
		kobject_init(&obj->kobj, &kp_klp_ktype_part);
		klp_for_each_func_static(obj, func) {
			memset(&func->kobj, 0, sizeof(func->kobj));
			kobject_init(&func->kobj, &kp_klp_ktype_part);
		}
	}
}

static int kp_klp_sysfs_add_func(struct klp_object *obj, struct klp_func *func)
{
	return kp_fault() ? -ENOMEM :
	       kobject_add(&func->kobj, &obj->kobj, "%s,%lu", func->old_name,
			   func->old_sympos ? func->old_sympos : 1);
}

static int kp_klp_sysfs_add_object(struct klp_patch *klp,
				   struct klp_object *obj)
{
	int ret;

	ret = kobject_add(&obj->kobj, &klp->kobj, "%s",
			  obj->name ? obj->name : "vmlinux");
	if (ret)
		return ret;
	return kp_fault() ? -ENOMEM :
	       sysfs_create_file(&obj->kobj, &patched_attr.attr);
}

static int kp_klp_sysfs_add_funcs(struct klp_object *obj)
{
	struct klp_func *func;
	int ret;

	klp_for_each_func_static(obj, func) {
		ret = kp_klp_sysfs_add_func(obj, func);
		if (ret)
			return ret;
	}
	return 0;
}

int kp_klp_sysfs_add(struct klp_patch *klp)
{
	struct klp_object *obj;
	int ret;

	kp_klp_kobjects_init(klp);
	ret = kp_fault() ? -ENOMEM :
	      kobject_add(&klp->kobj, kp_klp_root, "%s", klp->mod->name);
	if (ret)
		return ret;
	ret = kp_fault() ? -ENOMEM :
	      sysfs_create_group(&klp->kobj, &kp_klp_patch_group);
	if (ret)
		return ret;
	klp_for_each_object_static(klp, obj) {
		ret = kp_klp_sysfs_add_object(klp, obj);
		if (!ret)
			ret = kp_klp_sysfs_add_funcs(obj);
		if (ret)
			return ret;
	}
	return 0;
}

void kp_klp_sysfs_remove(struct klp_patch *klp)
{
	struct klp_object *obj;
	struct klp_func *func;

	klp_for_each_object_static(klp, obj) {
		klp_for_each_func_static(obj, func)
			kobject_put(&func->kobj);
		kobject_put(&obj->kobj);
	}
	kobject_put(&klp->kobj);
	wait_for_completion(&klp->finish);
}

/* Functions that the patch gives back to the original: registry_nops.c. */

static int kp_klp_add_nop(struct kp_object *obj, struct kp_func *func)
{
	struct klp_func *nop;

	nop = kp_fault() ? NULL : kzalloc(sizeof(*nop), GFP_KERNEL);
	if (!nop)
		return -ENOMEM;
	nop->old_name = func->name;
	nop->old_sympos = func->sympos;
	kobject_init(&nop->kobj, &kp_klp_ktype_nop);
	func->priv = nop;
	return kp_klp_sysfs_add_func(obj->priv, nop);
}

/* For an object that the patch itself has not got. */
static int kp_klp_add_nop_object(struct klp_patch *klp, struct kp_object *obj)
{
	struct klp_object *klp_obj;

	klp_obj = kp_fault() ? NULL : kzalloc(sizeof(*klp_obj), GFP_KERNEL);
	if (!klp_obj)
		return -ENOMEM;
	klp_obj->name = obj->name;
	klp_obj->dynamic = true;
	klp_obj->engine = obj;
	kobject_init(&klp_obj->kobj, &kp_klp_ktype_nop_object);
	obj->priv = klp_obj;
	return kp_klp_sysfs_add_object(klp, klp_obj);
}

int kp_klp_sysfs_add_nops(struct kp_patch *patch)
{
	struct klp_patch *klp = container_of(patch, struct kp_klp, patch)->klp;
	struct kp_object *obj;
	struct kp_func *func;
	int ret;

	list_for_each_entry(obj, &patch->objects, node) {
		list_for_each_entry(func, &obj->funcs, node) {
			if (!func->nop)
				continue;
			ret = obj->priv ? 0 : kp_klp_add_nop_object(klp, obj);
			if (!ret)
				ret = kp_klp_add_nop(obj, func);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static void kp_klp_remove_nops_of(struct kp_object *obj)
{
	struct klp_object *klp_obj = obj->priv;
	struct klp_func *nop;
	struct kp_func *func;

	list_for_each_entry(func, &obj->funcs, node) {
		nop = func->priv;
		if (func->nop && nop)
			kobject_put(&nop->kobj);
	}
	if (!klp_obj || !klp_obj->dynamic)
		return;
	obj->priv = NULL;
	kobject_put(&klp_obj->kobj);
}

void kp_klp_sysfs_remove_nops(struct kp_patch *patch)
{
	struct kp_object *obj;

	list_for_each_entry(obj, &patch->objects, node)
		kp_klp_remove_nops_of(obj);
}

int kp_klp_sysfs_init(void)
{
	kp_klp_root = kobject_create_and_add("livepatch", kernel_kobj);
	return kp_klp_root ? 0 : -ENOMEM;
}

void kp_klp_sysfs_exit(void)
{
	kobject_put(kp_klp_root);
}
