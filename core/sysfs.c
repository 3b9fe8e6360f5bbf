// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's own attributes, next to the directories that patch modules make
 * below /sys/kernel/kpatch: what is going on, who is in the way, what the last
 * switch has cost.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "kpatch.h"
#include "redirect.h"
#include "registry.h"
#include "rescue.h"
#include "stack.h"
#include "sysfs.h"
#include "yield.h"

struct kobject *kpatch_root_kobj;
EXPORT_SYMBOL_GPL(kpatch_root_kobj);

static const char * const kp_state_names[] = {
	[KP_PATCH_OFF]		= "off",
	[KP_PATCH_ENABLING]	= "enabling",
	[KP_PATCH_ON]		= "on",
	[KP_PATCH_DISABLING]	= "disabling",
};

/* Text of an attribute in the making. */
struct kp_text {
	char *buf;
	int len;
};

static __printf(2, 3) void kp_text_add(struct kp_text *text,
				       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text->len += vscnprintf(text->buf + text->len, PAGE_SIZE - text->len,
				fmt, args);
	va_end(args);
}

ssize_t kp_sysfs_show_state(struct kp_patch *patch, char *buf)
{
	kp_assert_locked();
	return sprintf(buf, "%s\n", kp_state_names[patch->state]);
}

static void kp_show_patch(struct kp_patch *patch, void *data)
{
	kp_text_add(data, "%s %s\n", patch->name,
		    kp_state_names[patch->state]);
}

static ssize_t patches_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	struct kp_text text = { .buf = buf };

	kp_lock();
	kp_patch_for_each(kp_show_patch, &text);
	kp_unlock();
	return text.len;
}

static ssize_t blockers_show(struct kobject *kobj, struct kobj_attribute *attr,
			     char *buf)
{
	struct kp_text text = { .buf = buf };
	struct kp_switch *sw;
	unsigned int i;

	kp_lock();
	sw = kp_patch_switch();
	for (i = 0; i < min_t(unsigned int, sw->nr_blockers, KP_MAX_BLOCKERS);
	     i++)
		kp_text_add(&text, "%d %s %s\n", sw->blockers[i].pid,
			    sw->blockers[i].comm, sw->blockers[i].hit.name);
	kp_unlock();
	return text.len;
}

static ssize_t last_switch_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	struct kp_text text = { .buf = buf };
	struct kp_switch *sw;

	kp_lock();
	sw = kp_patch_switch();
	if (sw->ops)
		kp_text_add(&text, "model %s\ntries %u\nwindow_ns %llu\nerror %d\n",
			    sw->ops->name, sw->tries,
			    (unsigned long long)sw->window_ns, sw->error);
	kp_unlock();
	return text.len;
}

static ssize_t hazard_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	const char *hazard;

	kp_lock();
	hazard = kp_redirect_hazard();
	kp_unlock();
	return sprintf(buf, "%s\n", hazard ? hazard : "none");
}

/* Only one patch moves at a time: these need no directory a patch. */

static ssize_t transition_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	struct kp_patch *patch;
	ssize_t len;

	kp_lock();
	patch = kp_patch_moving();
	len = sprintf(buf, "%s\n", patch ? patch->name : "none");
	kp_unlock();
	return len;
}

/* The name is asked for so that no other patch is hit that moves by now. */
static ssize_t kp_sysfs_act(const char *buf, size_t count,
			    int (*act)(struct kp_patch *patch))
{
	struct kp_patch *patch;
	int ret = -EINVAL;

	kp_lock();
	patch = kp_patch_moving();
	if (patch && sysfs_streq(buf, patch->name))
		ret = act(patch);
	kp_unlock();
	return ret ? ret : count;
}

static ssize_t reverse_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	return kp_sysfs_act(buf, count, kp_patch_reverse);
}

static ssize_t force_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	return kp_sysfs_act(buf, count, kp_patch_force);
}

static void kp_show_redirect(unsigned long addr, const char *how, void *data)
{
	kp_text_add(data, "%s %ps\n", how, (void *)addr);
}

static ssize_t redirects_show(struct kobject *kobj,
			      struct kobj_attribute *attr, char *buf)
{
	struct kp_text text = { .buf = buf };

	kp_redirect_for_each(kp_show_redirect, &text);
	return text.len;
}

static ssize_t direct_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	const char *why = kp_redirect_no_direct();

	return sprintf(buf, "%s\n", why ? why : "possible");
}

static ssize_t guards_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	struct kp_rescue_counts counts;

	kp_lock();
	kp_redirect_count(&counts);
	kp_unlock();
	return sprintf(buf, "guarded %u\nunguarded %u\nrescued %lu\nmissed %lu\nunwatched %u\n",
		       counts.guarded, counts.unguarded, counts.rescued,
		       counts.missed, counts.unwatched);
}

static ssize_t unwinder_show(struct kobject *kobj, struct kobj_attribute *attr,
			     char *buf)
{
	return sprintf(buf, "%s\n", kp_stack_unwinder());
}

static ssize_t yields_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	const char *needless = kp_yield_needless();

	return needless ? sprintf(buf, "%s\n", needless) :
			  sprintf(buf, "%lu\n", kp_yield_count());
}

static struct kobj_attribute kp_attrs[] = {
	__ATTR_RO(patches),
	__ATTR_RO(transition),
	__ATTR(reverse, 0200, NULL, reverse_store),
	__ATTR(force, 0200, NULL, force_store),
	__ATTR_RO(blockers),
	__ATTR_RO(last_switch),
	__ATTR_RO(hazard),
	__ATTR_RO(guards),
	__ATTR_RO(unwinder),
	__ATTR_RO(redirects),
	__ATTR_RO(direct),
	__ATTR_RO(yields),
};

static struct attribute *kp_attr_list[ARRAY_SIZE(kp_attrs) + 1];

static const struct attribute_group kp_attr_group = {
	.attrs = kp_attr_list,
};

int kp_sysfs_init(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(kp_attrs); i++)
		kp_attr_list[i] = &kp_attrs[i].attr;
	kpatch_root_kobj = kobject_create_and_add("kpatch", kernel_kobj);
	if (!kpatch_root_kobj)
		return -ENOMEM;
	ret = sysfs_create_group(kpatch_root_kobj, &kp_attr_group);
	if (ret)
		kobject_put(kpatch_root_kobj);
	return ret;
}

void kp_sysfs_exit(void)
{
	sysfs_remove_group(kpatch_root_kobj, &kp_attr_group);
	kobject_put(kpatch_root_kobj);
}
