// SPDX-License-Identifier: GPL-2.0
/*
 * kpatch-shadow: new data for old objects
 *
 * A fix wants to know how often each widget of kpatch-shadow-mod was shown, but
 * struct widget has no room for that, and cannot grow: widgets exist.  A shadow
 * variable is attached to a widget by the widget's address and a name.  New
 * widgets get theirs when they are made; for old ones there is none, which the
 * code must expect.  It goes when its widget goes, which is why widget_free()
 * is patched as well.
 *
 *   # insmod core/kpatch.ko
 *   # insmod samples/kpatch-shadow-mod.ko
 *   # echo 1 > /sys/module/kpatch_shadow_mod/parameters/make
 *   # insmod samples/kpatch-shadow.ko
 *   # echo 2 > /sys/module/kpatch_shadow_mod/parameters/make
 *   # cat /sys/module/kpatch_shadow_mod/parameters/show
 *   widget 1: made before the patch
 *   widget 2: shown 1 times
 *   # cat /sys/module/kpatch_shadow_mod/parameters/show
 *   widget 1: made before the patch
 *   widget 2: shown 2 times
 *   # echo 2 > /sys/module/kpatch_shadow_mod/parameters/drop
 *   # echo 0 > /sys/kernel/kpatch/kpatch_shadow/enabled
 *   # rmmod kpatch_shadow
 *   # cat /sys/module/kpatch_shadow_mod/parameters/show
 *   widget 1
 *   # rmmod kpatch_shadow_mod
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "kpatch-enabled.h"
#include "kpatch-shadow.h"

static struct widget *new_widget_new(int id)
{
	struct widget *w = kzalloc(sizeof(*w), GFP_KERNEL);
	unsigned int *shown;

	if (!w)
		return NULL;
	shown = kpatch_shadow_alloc(w, "shown", sizeof(*shown), GFP_KERNEL);
	if (!shown) {
		kfree(w);
		return NULL;
	}
	*shown = 0;
	w->id = id;
	return w;
}

static void new_widget_free(struct widget *w)
{
	/* Does nothing for one that was made before the patch. */
	kpatch_shadow_free(w, "shown");
	kfree(w);
}

static int new_widget_print(struct widget *w, char *buf, size_t size)
{
	unsigned int *shown = kpatch_shadow_get(w, "shown");

	if (!shown)
		return scnprintf(buf, size, "widget %d: made before the patch\n",
				 w->id);
	return scnprintf(buf, size, "widget %d: shown %u times\n", w->id,
			 ++*shown);
}

static struct kpatch_func funcs[] = {
	{
		.name = "widget_new",
		.new_addr = (unsigned long)new_widget_new,
	}, {
		.name = "widget_free",
		.new_addr = (unsigned long)new_widget_free,
	}, {
		.name = "widget_print",
		.new_addr = (unsigned long)new_widget_print,
	},
};

static struct kpatch_object object = {
	.name = "kpatch_shadow_mod",
	.funcs = LIST_HEAD_INIT(object.funcs),
	.dynrelas = LIST_HEAD_INIT(object.dynrelas),
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static int __init kpatch_shadow_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(funcs); i++)
		list_add_tail(&funcs[i].list, &object.funcs);
	list_add_tail(&object.list, &kpmod.objects);
	return kpatch_sample_init(&kpmod);
}

static void __exit kpatch_shadow_exit(void)
{
	kpatch_sample_exit(&kpmod);
}

module_init(kpatch_shadow_init);
module_exit(kpatch_shadow_exit);
MODULE_DESCRIPTION("kpatch sample: shadow variables");
MODULE_LICENSE("GPL");
