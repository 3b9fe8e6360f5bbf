// SPDX-License-Identifier: GPL-2.0
/*
 * The module side of a patch made by kpatch-build for kpatch.ko: turns the
 * tables that create-diff-object left into a kpatch_module. Link this object
 * first and kpatch-glue-end.o last.
 */
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "kpatch.h"
#include "kpatch-intermediate.h"
#include "livepatch-glue.h"

#ifdef KPATCH_MODINFO
#include "kpatch-modinfo.h"
#endif

#ifndef KPATCH_REPLACE
#define KPATCH_REPLACE	true
#endif
#ifndef KPATCH_CHECKSUM
#define KPATCH_CHECKSUM	""
#endif

KPATCH_TABLE(struct kpatch_patch_func, kpatch_funcs_begin, ".kpatch.funcs");
KPATCH_TABLE(struct kpatch_patch_reloc, kpatch_relocs_begin, ".kpatch.relocs");
KPATCH_TABLE(void *, kpatch_force_begin, ".kpatch.force");
KPATCH_TABLE(struct kpatch_patch_early, kpatch_early_begin, ".kpatch.early");
KPATCH_TABLE(char, kpatch_jump_table_begin, ".kpatch.jump_table");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_pre_patch_begin,
	     ".kpatch.callbacks.pre_patch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_post_patch_begin,
	     ".kpatch.callbacks.post_patch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_pre_unpatch_begin,
	     ".kpatch.callbacks.pre_unpatch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_post_unpatch_begin,
	     ".kpatch.callbacks.post_unpatch");

static struct kpatch_module kpmod;

/* kpatch.ko looks for it while the module loads. */
struct kpatch_early kpatch_early = {
	.relas = (struct kpatch_dynrela *)kpatch_early_begin,
	.relas_end = (struct kpatch_dynrela *)kpatch_early_end,
	.table = kpatch_jump_table_begin,
	.table_end = kpatch_jump_table_end,
};

static inline void check_early_layout(void)
{
	BUILD_BUG_ON(sizeof(struct kpatch_patch_early) !=
		     sizeof(struct kpatch_dynrela));
	BUILD_BUG_ON(offsetof(struct kpatch_patch_early, name) !=
		     offsetof(struct kpatch_dynrela, name));
	BUILD_BUG_ON(offsetof(struct kpatch_patch_early, addend) !=
		     offsetof(struct kpatch_dynrela, addend));
}

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sprintf(buf, "%d\n", kpmod.enabled);
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	unsigned long val;
	int ret;

	ret = kstrtoul(buf, 10, &val);
	if (ret)
		return ret;
	if (!!val == kpmod.enabled)
		return count;
	ret = val ? kpatch_register(&kpmod, KPATCH_REPLACE) :
		    kpatch_unregister(&kpmod);
	return ret ? ret : count;
}

static ssize_t checksum_show(struct kobject *kobj, struct kobj_attribute *attr,
			     char *buf)
{
	return sprintf(buf, "%s\n", KPATCH_CHECKSUM);
}

static struct kobj_attribute enabled_attr =
	__ATTR(enabled, 0644, enabled_show, enabled_store);
static struct kobj_attribute checksum_attr =
	__ATTR(checksum, 0444, checksum_show, NULL);

static struct attribute *patch_attrs[] = {
	&enabled_attr.attr,
	&checksum_attr.attr,
	NULL,
};

static struct attribute_group patch_group = {
	.attrs = patch_attrs,
};

static ssize_t patch_attr_show(struct kobject *kobj, struct attribute *attr,
			       char *buf)
{
	struct kobj_attribute *ka =
		container_of(attr, struct kobj_attribute, attr);

	return ka->show(kobj, ka, buf);
}

static ssize_t patch_attr_store(struct kobject *kobj, struct attribute *attr,
				const char *buf, size_t count)
{
	struct kobj_attribute *ka =
		container_of(attr, struct kobj_attribute, attr);

	return ka->store ? ka->store(kobj, ka, buf, count) : -EIO;
}

/* The kernel's kobj_sysfs_ops, which 3.10 does not export. */
static const struct sysfs_ops patch_sysfs_ops = {
	.show = patch_attr_show,
	.store = patch_attr_store,
};

static void patch_kobj_free(struct kobject *kobj)
{
	/* kpmod is static: nothing to free */
}

static struct kobj_type patch_ktype = {
	.release = patch_kobj_free,
	.sysfs_ops = &patch_sysfs_ops,
};

static struct kpatch_object *get_object(const char *name)
{
	struct kpatch_object *obj;

	list_for_each_entry(obj, &kpmod.objects, list)
		if (!strcmp(obj->name, name))
			return obj;
	obj = kzalloc(sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return NULL;
	obj->name = name;
	INIT_LIST_HEAD(&obj->funcs);
	INIT_LIST_HEAD(&obj->dynrelas);
	list_add_tail(&obj->list, &kpmod.objects);
	return obj;
}

static int is_forced(unsigned long addr)
{
	void **p;

	for (p = kpatch_force_begin; p < kpatch_force_end; p++)
		if ((unsigned long)*p == addr)
			return 1;
	return 0;
}

static int add_func(struct kpatch_patch_func *from)
{
	struct kpatch_object *obj = get_object(from->objname);
	struct kpatch_func *func;

	func = kzalloc(sizeof(*func), GFP_KERNEL);
	if (!obj || !func) {
		kfree(func);
		return -ENOMEM;
	}
	func->new_addr = from->new_addr;
	func->new_size = from->new_size;
	func->old_size = from->old_size;
	func->sympos = from->sympos;
	func->name = from->name;
	func->force = is_forced(from->new_addr);
	list_add_tail(&func->list, &obj->funcs);
	return 0;
}

static int add_reloc(struct kpatch_patch_reloc *from)
{
	struct kpatch_object *obj = get_object(from->objname);
	struct kpatch_dynrela *rela;

	rela = kzalloc(sizeof(*rela), GFP_KERNEL);
	if (!obj || !rela) {
		kfree(rela);
		return -ENOMEM;
	}
	rela->dest = from->dest;
	rela->type = from->type;
	rela->sympos = from->sympos;
	rela->name = from->name;
	rela->addend = from->addend;
	rela->external = strcmp(from->symobj, from->objname) != 0;
	list_add_tail(&rela->list, &obj->dynrelas);
	return 0;
}

#define ADD_CALLBACKS(kind)						\
({									\
	struct kpatch_patch_callback *cb_;				\
	struct kpatch_object *obj_;					\
	int ret_ = 0;							\
									\
	for (cb_ = kpatch_##kind##_begin;				\
	     !ret_ && cb_ < kpatch_##kind##_end; cb_++) {		\
		obj_ = get_object(cb_->objname);			\
		if (!obj_)						\
			ret_ = -ENOMEM;					\
		else if (obj_->kind##_callback)				\
			ret_ = -EINVAL;					\
		else							\
			obj_->kind##_callback = cb_->fn;		\
	}								\
	ret_;								\
})

static int add_all(void)
{
	struct kpatch_patch_reloc *r;
	struct kpatch_patch_func *f;
	int ret = 0;

	for (f = kpatch_funcs_begin; !ret && f < kpatch_funcs_end; f++)
		ret = add_func(f);
	for (r = kpatch_relocs_begin; !ret && r < kpatch_relocs_end; r++)
		ret = add_reloc(r);
	if (!ret)
		ret = ADD_CALLBACKS(pre_patch);
	if (!ret)
		ret = ADD_CALLBACKS(post_patch);
	if (!ret)
		ret = ADD_CALLBACKS(pre_unpatch);
	if (!ret)
		ret = ADD_CALLBACKS(post_unpatch);
	return ret;
}

static void free_all(void)
{
	struct kpatch_object *obj, *next_obj;
	struct kpatch_dynrela *rela, *next_rela;
	struct kpatch_func *func, *next_func;

	list_for_each_entry_safe(obj, next_obj, &kpmod.objects, list) {
		list_for_each_entry_safe(func, next_func, &obj->funcs, list)
			kfree(func);
		list_for_each_entry_safe(rela, next_rela, &obj->dynrelas, list)
			kfree(rela);
		kfree(obj);
	}
	INIT_LIST_HEAD(&kpmod.objects);
}

static int __init patch_init(void)
{
	int ret;

	check_early_layout();
	if (kpatch_early.table != kpatch_early.table_end &&
	    !kpatch_early.ready) {
		pr_err("%s: kpatch.ko has not set up the static keys that the patch uses; load the kpatch.ko that belongs to the kpatch-build of the patch\n",
		       THIS_MODULE->name);
		return -ENXIO;
	}
	kpmod.mod = THIS_MODULE;
	INIT_LIST_HEAD(&kpmod.objects);
	ret = add_all();
	if (ret)
		goto free_all;
	kobject_init(&kpmod.kobj, &patch_ktype);
	ret = kobject_add(&kpmod.kobj, kpatch_root_kobj, "%s", THIS_MODULE->name);
	if (ret)
		goto put_kobj;
	ret = kpatch_register(&kpmod, KPATCH_REPLACE);
	if (ret)
		goto put_kobj;
	ret = sysfs_create_group(&kpmod.kobj, &patch_group);
	if (ret)
		goto unregister;
	return 0;

unregister:
	if (kpatch_unregister(&kpmod))
		pr_warn("%s: still in effect\n", THIS_MODULE->name);
put_kobj:
	kobject_put(&kpmod.kobj);
free_all:
	free_all();
	return ret;
}

static void __exit patch_exit(void)
{
	WARN_ON(kpmod.enabled);
	sysfs_remove_group(&kpmod.kobj, &patch_group);
	kobject_put(&kpmod.kobj);
	free_all();
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Made by kpatch-build");
