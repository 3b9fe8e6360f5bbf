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

static struct kp_func *kp_hook_func(struct kp_hook *hook)
{
	return container_of(hook, struct kp_func, hook);
}

/* Room for all ranges of one set: the code, and the call site. */
static int kp_func_count(struct kp_func *func, void *data)
{
	struct kp_hook *hook = kp_hook_below(&func->hook);
	unsigned int nr = kp_code_count(kp_func_code(func, NULL));

	for (; hook; hook = kp_hook_below(hook))
		nr += kp_code_count(kp_func_code(func, hook));
	*(unsigned int *)data +=
		max(kp_code_count(kp_func_code(func, &func->hook)), nr) + 1;
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

/*
 * What calls run to which @func's hook does not apply.  Where a forced hook lies
 * over others, tasks may have stayed in what those lead to.  One that is forced
 * itself need not be left: maybe nobody ever leaves it.
 */
static void kp_ranges_add_below(struct kp_ranges *ranges,
				const struct kp_func *func)
{
	struct kp_hook *hook = kp_hook_below(&func->hook);

	if (!hook)
		kp_ranges_add_code(ranges, kp_func_code(func, NULL),
				   func->name);
	for (; hook; hook = kp_hook_below(hook))
		if (!kp_hook_func(hook)->force)
			kp_ranges_add_code(ranges, kp_func_code(func, hook),
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
	kp_ranges_add_code(leave[0], kp_func_code(func, &func->hook),
			   func->name);
	kp_ranges_add_below(leave[1], func);
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

/* Has nobody looked whether tasks have left it? */
static int kp_func_is_unseen(struct kp_func *func, void *data)
{
	struct kp_hook *hook = kp_hook_top(func->old_addr);

	for (; hook && hook != &func->hook; hook = kp_hook_below(hook))
		if (kp_hook_func(hook)->force)
			return 1;
	return func->force;
}

bool kp_patch_is_unseen(struct kp_patch *patch)
{
	return kp_patch_each_hooked(patch, kp_func_is_unseen, NULL);
}
