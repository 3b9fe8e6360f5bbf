/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kpatch ABI: what a patch module sees of kpatch.ko.
 *
 * A patch module fills in one struct kpatch_module, with an object for every
 * kernel module (or "vmlinux") that it changes, and calls kpatch_register().
 * Names and layouts are those that modules built for the kpatch.ko of RHEL 7
 * use; they are frozen (api_kpatch.c asserts every offset).  Patch modules
 * embed the structs, kobjects included, so that private fields count as well.
 */
#ifndef _KPATCH_H
#define _KPATCH_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>

/* Kept for its place in struct kpatch_func; nobody sets it any more. */
enum kpatch_op {
	KPATCH_OP_NONE,
	KPATCH_OP_PATCH,
	KPATCH_OP_UNPATCH,
};

/**
 * struct kpatch_func - one function to be replaced
 * @new_addr:	the replacement, in the patch module
 * @new_size:	its length in bytes
 * @old_addr:	where the original is; found and set by kpatch_register()
 * @old_size:	its length in bytes
 * @sympos:	which of several symbols called @name in the object, from 1 in
 *		the order of kallsyms; 0: @name must be unique
 * @name:	the original's name
 * @list:	in the object's funcs
 * @force:	switch although a task may be inside the function; the patch
 *		module then stays loaded for ever
 */
struct kpatch_func {
	unsigned long new_addr;
	unsigned long new_size;
	unsigned long old_addr;
	unsigned long old_size;
	unsigned long sympos;
	const char *name;
	struct list_head list;
	int force;

	/* private: */
	struct hlist_node node;
	enum kpatch_op op;
	struct kobject kobj;
};

/**
 * struct kpatch_dynrela - a relocation that kpatch.ko applies to the patch
 *			   module, for symbols that its loader cannot see
 * @dest:	address to be written, in the patch module
 * @src:	the symbol's address; found and set by kpatch_register()
 * @type:	R_X86_64_{NONE,64,PC64,PC32,PLT32,32,32S}
 * @sympos:	as in struct kpatch_func
 * @name:	the symbol's name
 * @addend:	added to @src
 * @external:	the symbol is exported by somebody, or is one of the patch
 *		module's own, rather than one of the object's
 * @list:	in the object's dynrelas
 */
struct kpatch_dynrela {
	unsigned long dest;
	unsigned long src;
	unsigned long type;
	unsigned long sympos;
	const char *name;
	int addend;
	int external;
	struct list_head list;
};

/**
 * struct kpatch_object - what a patch does to vmlinux or to one module
 * @list:	in the patch's objects
 * @name:	the module's name or "vmlinux"
 * @funcs:	struct kpatch_func
 * @dynrelas:	struct kpatch_dynrela
 * @pre_patch_callback:	   before the functions are switched; an error cancels
 * @post_patch_callback:   after they were
 * @pre_unpatch_callback:  before they are switched back
 * @post_unpatch_callback: after they were, and after a switch that failed
 * @callbacks_enabled:	   the pre-patch callback has succeeded
 *
 * All callbacks may sleep: none of them runs while CPUs are stopped.
 */
struct kpatch_object {
	struct list_head list;
	const char *name;
	struct list_head funcs;
	struct list_head dynrelas;

	int (*pre_patch_callback)(struct kpatch_object *obj);
	void (*post_patch_callback)(struct kpatch_object *obj);
	void (*pre_unpatch_callback)(struct kpatch_object *obj);
	void (*post_unpatch_callback)(struct kpatch_object *obj);
	bool callbacks_enabled;

	/* private: */
	struct module *mod;
	struct kobject kobj;
};

/**
 * struct kpatch_module - a patch
 * @mod:	the patch module
 * @objects:	struct kpatch_object
 * @enabled:	read only: the patch is in effect
 * @kobj:	the patch module initializes it below kpatch_root_kobj and adds
 *		its files "enabled" and "checksum"
 */
struct kpatch_module {
	struct module *mod;
	struct list_head objects;
	bool enabled;

	/* private: */
	struct list_head list;
	struct kobject kobj;
};

/*
 * For patch modules, once, at file level: the model by which this patch wants to
 * be switched ("stop", "refcount" or "task"), if the user has not chosen one for
 * it.  An extension of this suite; where it is not known it does nothing.
 */
#define KPATCH_MODEL(name)						\
	static const char kpatch_model[] __used = name

/**
 * struct kpatch_early - the jump table of a patch whose static keys are not
 *			 all known to the module loader
 * @relas:	relocations inside the table, for symbols of vmlinux
 * @relas_end:	behind the last one
 * @table:	struct jump_entry; in a section that the kernel does not take for
 *		a jump table
 * @table_end:	behind the last one
 * @ready:	set while the module loads: the keys are filled in, and the
 *		kernel switches the branches.  A module whose table is not ready
 *		when it starts must not register.
 *
 * A patch module that has a table defines kpatch_early.  An extension of this
 * suite; where it is not known, it never gets ready.
 */
struct kpatch_early {
	struct kpatch_dynrela *relas;
	struct kpatch_dynrela *relas_end;
	void *table;
	void *table_end;
	int ready;
};

extern struct kpatch_early kpatch_early;

/* /sys/kernel/kpatch */
extern struct kobject *kpatch_root_kobj;

/*
 * Puts a patch into effect; with @replace it takes the place of all patches
 * that are in effect.  Sleeps until the switch is complete.  -EBUSY: some task
 * would not leave an affected function; nothing has changed then.
 */
int kpatch_register(struct kpatch_module *kpmod, bool replace);

/* Takes a patch out of effect.  Sleeps, and may fail, like kpatch_register(). */
int kpatch_unregister(struct kpatch_module *kpmod);

/*
 * Shadow variables: data attached to an object, found by the object's address
 * and a name.  Several with the same key may exist; the newest is found.
 */
void *kpatch_shadow_alloc(void *obj, char *var, size_t size, gfp_t gfp);
void kpatch_shadow_free(void *obj, char *var);
void *kpatch_shadow_get(void *obj, char *var);

#endif /* _KPATCH_H */
