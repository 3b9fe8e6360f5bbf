// SPDX-License-Identifier: GPL-2.0
/*
 * The module side of a patch made by kpatch-build: turns the tables that
 * create-diff-object left into a klp_patch. Link this object first and
 * livepatch-glue-end.o last: they mark where each table begins and ends.
 */
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kpatch-intermediate.h"
#include "livepatch-glue.h"

#ifdef KPATCH_MODINFO
#include "kpatch-modinfo.h"
#endif

#ifndef KPATCH_REPLACE
#define KPATCH_REPLACE	true
#endif

KPATCH_TABLE(struct kpatch_patch_func, kpatch_funcs_begin, ".kpatch.funcs");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_pre_patch_begin,
	     ".kpatch.callbacks.pre_patch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_post_patch_begin,
	     ".kpatch.callbacks.post_patch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_pre_unpatch_begin,
	     ".kpatch.callbacks.pre_unpatch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_post_unpatch_begin,
	     ".kpatch.callbacks.post_unpatch");

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.replace = KPATCH_REPLACE,
};

/* One object for each name, NULL for vmlinux; @n counts those in use. */
static struct klp_object *get_object(struct klp_object *objs, size_t *n,
				     const char *objname)
{
	const char *name = strcmp(objname, "vmlinux") ? objname : NULL;
	size_t i;

	for (i = 0; i < *n; i++) {
		if (!name && !objs[i].name)
			return &objs[i];
		if (name && objs[i].name && !strcmp(name, objs[i].name))
			return &objs[i];
	}
	objs[i].name = name;
	*n = i + 1;
	return &objs[i];
}

#define SET_CALLBACK(objs, n, kind)					\
({									\
	struct kpatch_patch_callback *cb_;				\
	int ret_ = 0;							\
									\
	for (cb_ = kpatch_##kind##_begin; cb_ < kpatch_##kind##_end; cb_++) { \
		struct klp_object *obj_ = get_object(objs, n, cb_->objname); \
									\
		if (obj_->callbacks.kind) {				\
			pr_err("%s: two " #kind " callbacks for %s\n",	\
			       THIS_MODULE->name, cb_->objname);	\
			ret_ = -EINVAL;					\
			break;						\
		}							\
		obj_->callbacks.kind = cb_->fn;				\
	}								\
	ret_;								\
})

static int set_callbacks(struct klp_object *objs, size_t *n)
{
	int ret;

	ret = SET_CALLBACK(objs, n, pre_patch);
	if (!ret)
		ret = SET_CALLBACK(objs, n, post_patch);
	if (!ret)
		ret = SET_CALLBACK(objs, n, pre_unpatch);
	if (!ret)
		ret = SET_CALLBACK(objs, n, post_unpatch);
	return ret;
}

/* The functions of one object, ended by an empty one. */
static int set_funcs(struct klp_object *obj)
{
	size_t max = kpatch_funcs_end - kpatch_funcs_begin, n = 0;
	struct kpatch_patch_func *f;
	struct klp_func *funcs;

	funcs = kcalloc(max + 1, sizeof(*funcs), GFP_KERNEL);
	if (!funcs)
		return -ENOMEM;
	for (f = kpatch_funcs_begin; f < kpatch_funcs_end; f++) {
		if (strcmp(obj->name ? obj->name : "vmlinux", f->objname))
			continue;
		funcs[n].old_name = f->name;
		funcs[n].new_func = (void *)f->new_addr;
		funcs[n].old_sympos = f->sympos;
		n++;
	}
	obj->funcs = funcs;
	return 0;
}

static void free_objects(struct klp_object *objs)
{
	struct klp_object *obj;

	for (obj = objs; obj && obj->funcs; obj++)
		kfree(obj->funcs);
	kfree(objs);
}

static struct klp_object *make_objects(void)
{
	size_t max = kpatch_funcs_end - kpatch_funcs_begin, n = 0, i;
	struct kpatch_patch_func *f;
	struct klp_object *objs;
	int ret;

	max += kpatch_pre_patch_end - kpatch_pre_patch_begin;
	max += kpatch_post_patch_end - kpatch_post_patch_begin;
	max += kpatch_pre_unpatch_end - kpatch_pre_unpatch_begin;
	max += kpatch_post_unpatch_end - kpatch_post_unpatch_begin;
	objs = kcalloc(max + 1, sizeof(*objs), GFP_KERNEL);
	if (!objs)
		return ERR_PTR(-ENOMEM);
	for (f = kpatch_funcs_begin; f < kpatch_funcs_end; f++)
		get_object(objs, &n, f->objname);
	ret = set_callbacks(objs, &n);
	for (i = 0; i < n && !ret; i++)
		ret = set_funcs(&objs[i]);
	if (ret) {
		free_objects(objs);
		return ERR_PTR(ret);
	}
	return objs;
}

static int __init patch_init(void)
{
	struct klp_object *objs = make_objects();
	int ret;

	if (IS_ERR(objs))
		return PTR_ERR(objs);
	patch.objs = objs;
	ret = klp_enable_patch(&patch);
	if (ret)
		free_objects(objs);
	return ret;
}

static void __exit patch_exit(void)
{
	free_objects(patch.objs);
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Made by kpatch-build");
