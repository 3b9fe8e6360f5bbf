// SPDX-License-Identifier: GPL-2.0
/* The code that a caller must have left before it can go to either target. */
#include <linux/kernel.h>

#include "compat.h"
#include "registry_ranges.h"
#include "symbol.h"

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

/* What a call runs that @hook, or nothing, sends on. */
struct kp_code {
	unsigned long addr;
	unsigned long size;
	const struct kp_part *parts;
};

static struct kp_code kp_func_code(const struct kp_func *func,
				   const struct kp_hook *hook)
{
	struct kp_code code = { func->old_addr, func->old_size,
				func->old_parts };

	if (hook && hook->new_addr) {
		code.addr = hook->new_addr;
		code.size = hook->new_size;
		code.parts = container_of(hook, struct kp_func,
					  hook)->new_parts;
	}
	return code;
}

static unsigned int kp_code_count(struct kp_code code)
{
	const struct kp_part *part;
	unsigned int nr = 1;

	for (part = code.parts; part; part = part->next)
		nr++;
	return nr;
}

/* Room for all ranges of one set: the code, and the call site. */
static int kp_func_count(struct kp_func *func, void *data)
{
	struct kp_code applied = kp_func_code(func, &func->hook);
	struct kp_code below = kp_func_code(func, kp_hook_below(&func->hook));

	*(unsigned int *)data += max(kp_code_count(applied),
				     kp_code_count(below)) + 1;
	return 0;
}

static void kp_ranges_add_code(struct kp_ranges *ranges, struct kp_code code,
			       const char *name)
{
	const struct kp_part *part;

	kp_ranges_add(ranges, code.addr, code.size, name);
	for (part = code.parts; part; part = part->next)
		kp_ranges_add(ranges, part->addr, part->size, name);
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
	kp_ranges_add_code(leave[0], kp_func_code(func, &func->hook),
			   func->name);
	kp_ranges_add_code(leave[1],
			   kp_func_code(func, kp_hook_below(&func->hook)),
			   func->name);
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
	leave[0] = kp_ranges_alloc(nr);
	leave[1] = kp_ranges_alloc(nr);
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
