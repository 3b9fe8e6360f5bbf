/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mainline live patching API for kernels without CONFIG_LIVEPATCH, where
 * kpatch.ko provides it (../../../api_klp.c).
 *
 * This header takes the place of the kernel's, which is empty there: give the
 * compiler its directory before all others, and patch sources written for
 * mainline build as they are.  Fields marked internal have no meaning for them.
 */
#ifndef _LINUX_LIVEPATCH_H_
#define _LINUX_LIVEPATCH_H_

#include <linux/completion.h>
#include <linux/ftrace.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/livepatch_external.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#ifdef CONFIG_LIVEPATCH
#error "This kernel has a live patching API of its own: use its header."
#endif

/**
 * struct klp_func - one function to be replaced
 * @old_name:	its name
 * @new_func:	what replaces it
 * @old_sympos:	which of several functions of that name in the object, from 1 in
 *		the order of kallsyms; 0: the name is unique
 */
struct klp_func {
	/* external */
	const char *old_name;
	void *new_func;
	unsigned long old_sympos;

	/* internal */
	void *old_func;
	struct kobject kobj;
	unsigned long old_size, new_size;
};

/**
 * struct klp_object - what a patch does to the kernel proper or to a module
 * @name:	the module's name, which may be loaded later; NULL: the kernel
 * @funcs:	functions, up to an empty entry
 * @callbacks:	see there
 * @mod:	read only: the module, when there
 */
struct klp_object {
	/* external */
	const char *name;
	struct klp_func *funcs;
	struct klp_callbacks callbacks;

	/* internal */
	struct kobject kobj;
	struct module *mod;
	bool dynamic;
	void *engine;
};

/**
 * struct klp_state - a change of the system that outlives the patch's code
 * @id:		its name, not zero
 * @version:	patches can follow patches with a lower or the same one
 * @data:	the patch's
 */
struct klp_state {
	unsigned long id;
	unsigned int version;
	void *data;
};

/**
 * struct klp_reloc_ext - a relocation that the module loader could not do
 * @objname:	the module that has the symbol; NULL: the kernel
 * @name:	the symbol, exported or not; an empty one ends an array
 * @sympos:	as in struct klp_func
 * @dest:	where to write, in the patch module; has to be zero
 * @type:	R_X86_64_{NONE,64,PC32,PLT32,32,32S}
 * @addend:	added to the symbol's address
 *
 * Mainline has sections .klp.rela.* for them, which the loader leaves out in
 * kernels without CONFIG_LIVEPATCH.  There a builder puts the same into such an
 * array.  Those of a module are written when it is there, before the patch's
 * functions or callbacks for it are used; those of the kernel first of all.
 */
struct klp_reloc_ext {
	const char *objname;
	const char *name;
	unsigned long sympos;
	void *dest;
	unsigned long type;
	long addend;
};

/**
 * struct klp_patch - a patch
 * @mod:	the patch module
 * @objs:	objects, up to an empty entry
 * @states:	changes of the system that it makes or knows of, or NULL
 * @replace:	takes the place of all patches that are in effect
 * @relocs:	only here, not in mainline; or NULL
 */
struct klp_patch {
	/* external */
	struct module *mod;
	struct klp_object *objs;
	struct klp_state *states;
	bool replace;
	struct klp_reloc_ext *relocs;

	/* internal */
	struct list_head list;
	struct kobject kobj;
	bool enabled;
	bool forced;
	struct completion finish;
	void *engine;
};

#define klp_for_each_object_static(patch, obj) \
	for (obj = (patch)->objs; obj->funcs || obj->name; obj++)

#define klp_for_each_func_static(obj, func) \
	for (func = (obj)->funcs; \
	     func->old_name || func->new_func || func->old_sympos; \
	     func++)

int klp_enable_patch(struct klp_patch *patch);

struct klp_state *klp_get_state(struct klp_patch *patch, unsigned long id);
struct klp_state *klp_get_prev_state(unsigned long id);

typedef int (*klp_shadow_ctor_t)(void *obj, void *shadow_data,
				 void *ctor_data);
typedef void (*klp_shadow_dtor_t)(void *obj, void *shadow_data);

void *klp_shadow_get(void *obj, unsigned long id);
void *klp_shadow_alloc(void *obj, unsigned long id, size_t size,
		       gfp_t gfp_flags, klp_shadow_ctor_t ctor,
		       void *ctor_data);
void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size,
			      gfp_t gfp_flags, klp_shadow_ctor_t ctor,
			      void *ctor_data);
void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor);
void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor);

void *klp_find_section_by_name(const struct module *mod, const char *name,
			       size_t *sec_size);

/* Kernel headers ask for these; tasks carry no mark of ours that they see. */
static inline bool klp_patch_pending(struct task_struct *task)
{
	return false;
}

static inline void klp_update_patch_state(struct task_struct *task)
{
}

static inline void klp_copy_process(struct task_struct *child)
{
}

static inline bool klp_have_reliable_stack(void)
{
	return true;
}

/*
 * MODULE_INFO(livepatch, "Y") marks a patch module.  The loaders of 4.0 and
 * later refuse a module with that tag where CONFIG_LIVEPATCH is off, so that
 * here it becomes the tag "klp", and a symbol that klp_enable_patch() looks
 * for.  Other tags stay what they are.
 */
#define __KLP_TAG_livepatch		0, __KLP_MARK
#define __KLP_SECOND(a, b, ...)		b
#define __KLP_PICK(...)			__KLP_SECOND(__VA_ARGS__)
#define __KLP_INFO(tag, info)						\
	static const char __UNIQUE_ID(klp_info)[]			\
		__used __attribute__((__section__(".modinfo"))) __aligned(1) \
		= __stringify(tag) "=" info
#define __KLP_MARK(tag, info)						\
	static const char __klp_tag[] __used = info;			\
	__KLP_INFO(klp, info)

#undef MODULE_INFO
#define MODULE_INFO(tag, info)						\
	__KLP_PICK(__KLP_TAG_##tag, __KLP_INFO, 0)(tag, info)

#endif /* _LINUX_LIVEPATCH_H_ */
