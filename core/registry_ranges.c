// SPDX-License-Identifier: GPL-2.0
/* The code that a caller must have left before it can go to either target. */
#include <linux/kernel.h>

#include "compat.h"
#include "registry_ranges.h"

int kp_patch_each_hooked(struct kp_patch *patch,
			 int (*fn)(struct kp_func *func, void *data), void *data)
{
	struct kp_object *obj;
	struct kp_func *func;
	int ret;

	list_for_each_entry(obj, &patch->objects, node) {
		list_for_each_entry(func, &obj->funcs, node) {
			ret = func->hooked ? fn(func, data) : 0;
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int kp_func_count(struct kp_func *func, void *data)
{
	(*(unsigned int *)data)++;
	return 0;
}

static void kp_ranges_add_func(struct kp_ranges *ranges,
			       const struct kp_func *func,
			       const struct kp_hook *hook)
{
	if (hook && hook->new_addr)
		kp_ranges_add(ranges, hook->new_addr, hook->new_size,
			      func->name);
	else
		kp_ranges_add(ranges, func->old_addr, func->old_size,
			      func->name);
}

/* The beginning of a function, up to the end of its call to ftrace. */
#define KP_SITE_SIZE	16UL

static int kp_func_ranges(struct kp_func *func, void *data)
{
	struct kp_ranges **leave = data;
	int i;

	if (func->force)
		return 0;
	/* To go to "not applied": what the hook leads to; and the reverse. */
	kp_ranges_add_func(leave[0], func, &func->hook);
	kp_ranges_add_func(leave[1], func, kp_hook_below(&func->hook));
	/*
	 * A call that is being redirected, and may have been told which way,
	 * has the call site's address on the stack.
	 */
	for (i = 0; i < 2; i++)
		kp_ranges_add(leave[i], func->old_addr,
			      min(func->old_size, KP_SITE_SIZE), func->name);
	return 0;
}

int kp_patch_ranges(struct kp_patch *patch, struct kp_ranges *leave[2])
{
	unsigned int nr = 0;

	kp_patch_each_hooked(patch, kp_func_count, &nr);
	leave[0] = kp_ranges_alloc(2 * nr);
	leave[1] = kp_ranges_alloc(2 * nr);
	if (!leave[0] || !leave[1]) {
		kp_ranges_free(leave[0]);
		kp_ranges_free(leave[1]);
		return -ENOMEM;
	}
	kp_patch_each_hooked(patch, kp_func_ranges, leave);
	kp_ranges_seal(leave[0]);
	kp_ranges_seal(leave[1]);
	return 0;
}
