/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every patch module for the kpatch API has: a directory below
 * /sys/kernel/kpatch with the file "enabled", through which the patch is
 * switched off, so that its module can be removed, and on again.
 */
#ifndef _KPATCH_ENABLED_H
#define _KPATCH_ENABLED_H

#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include "../core/kpatch.h"

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "take the place of all patches that are enabled");

static ssize_t enabled_show(struct kobject *kobj, struct attribute *attr,
			    char *buf)
{
	struct kpatch_module *kpmod =
		container_of(kobj, struct kpatch_module, kobj);

	return sprintf(buf, "%d\n", kpmod->enabled);
}

static ssize_t enabled_store(struct kobject *kobj, struct attribute *attr,
			     const char *buf, size_t count)
{
	struct kpatch_module *kpmod =
		container_of(kobj, struct kpatch_module, kobj);
	unsigned long val;
	int ret;

	ret = kstrtoul(buf, 10, &val);
	if (ret)
		return ret;
	if (val)
		ret = kpatch_register(kpmod, replace);
	else
		ret = kpatch_unregister(kpmod);
	return ret ? ret : count;
}

static struct attribute kpatch_enabled_attr = {
	.name = "enabled",
	.mode = 0644,
};

/* The directory has one file. */
static const struct sysfs_ops kpatch_enabled_ops = {
	.show = enabled_show,
	.store = enabled_store,
};

static void kpatch_release(struct kobject *kobj)
{
	/* The kobject is part of the module, which outlives it. */
}

static struct kobj_type kpatch_ktype = {
	.sysfs_ops = &kpatch_enabled_ops,
	.release = kpatch_release,
};

/* For the module's init: the files, then the patch. */
static inline int kpatch_sample_init(struct kpatch_module *kpmod)
{
	int ret;

	ret = kobject_init_and_add(&kpmod->kobj, &kpatch_ktype,
				   kpatch_root_kobj, "%s", THIS_MODULE->name);
	if (!ret)
		ret = sysfs_create_file(&kpmod->kobj, &kpatch_enabled_attr);
	if (!ret)
		ret = kpatch_register(kpmod, replace);
	if (ret)
		kobject_put(&kpmod->kobj);
	return ret;
}

/* For its exit, which the engine allows when the patch is off. */
static inline void kpatch_sample_exit(struct kpatch_module *kpmod)
{
	kobject_put(&kpmod->kobj);
}

#endif /* _KPATCH_ENABLED_H */
