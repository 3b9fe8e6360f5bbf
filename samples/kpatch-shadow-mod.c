// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-shadow-mod: something to be patched by kpatch-shadow and
 * kpatch-callbacks
 *
 * It keeps a few widgets.  Its files are parameters.  It needs no kpatch.ko
 * itself; the patches do.
 *
 *   # insmod core/kpatch.ko
 *   # insmod samples/kpatch-shadow-mod.ko
 *   # echo 1 > /sys/module/kpatch_shadow_mod/parameters/make
 *   # cat /sys/module/kpatch_shadow_mod/parameters/show
 *   widget 1
 *   # echo 1 > /sys/module/kpatch_shadow_mod/parameters/drop
 *   # rmmod kpatch_shadow_mod
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "kpatch-shadow.h"

static LIST_HEAD(widgets);
/* Guards widgets. */
static DEFINE_MUTEX(widget_lock);

noinline struct widget *widget_new(int id)
{
	struct widget *w = kzalloc(sizeof(*w), GFP_KERNEL);

	if (w)
		w->id = id;
	return w;
}

noinline void widget_free(struct widget *w)
{
	kfree(w);
}

noinline int widget_print(struct widget *w, char *buf, size_t size)
{
	return scnprintf(buf, size, "widget %d\n", w->id);
}

static int make_set(const char *val, const struct kernel_param *kp)
{
	struct widget *w;
	int id, ret;

	ret = kstrtoint(val, 0, &id);
	if (ret)
		return ret;
	w = widget_new(id);
	if (!w)
		return -ENOMEM;
	mutex_lock(&widget_lock);
	list_add_tail(&w->node, &widgets);
	mutex_unlock(&widget_lock);
	return 0;
}

static void widgets_drop(int id)
{
	struct widget *w, *next;

	mutex_lock(&widget_lock);
	list_for_each_entry_safe(w, next, &widgets, node) {
		if (id && w->id != id)
			continue;
		list_del(&w->node);
		widget_free(w);
	}
	mutex_unlock(&widget_lock);
}

static int drop_set(const char *val, const struct kernel_param *kp)
{
	int id, ret;

	ret = kstrtoint(val, 0, &id);
	if (!ret)
		widgets_drop(id);
	return ret;
}

static int show_get(char *buf, const struct kernel_param *kp)
{
	struct widget *w;
	int len = 0;

	mutex_lock(&widget_lock);
	list_for_each_entry(w, &widgets, node)
		len += widget_print(w, buf + len, PAGE_SIZE - len);
	mutex_unlock(&widget_lock);
	return len;
}

static const struct kernel_param_ops make_ops = { .set = make_set };
static const struct kernel_param_ops drop_ops = { .set = drop_set };
static const struct kernel_param_ops show_ops = { .get = show_get };

module_param_cb(make, &make_ops, NULL, 0200);
module_param_cb(drop, &drop_ops, NULL, 0200);
module_param_cb(show, &show_ops, NULL, 0400);

static int __init kpatch_shadow_mod_init(void)
{
	return 0;
}

static void __exit kpatch_shadow_mod_exit(void)
{
	widgets_drop(0);
}

module_init(kpatch_shadow_mod_init);
module_exit(kpatch_shadow_mod_exit);
MODULE_DESCRIPTION("kpatch sample: a module to be patched");
MODULE_LICENSE("GPL");
