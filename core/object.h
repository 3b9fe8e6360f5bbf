/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects: what a patch does to vmlinux or to one module.
 */
#ifndef _KP_OBJECT_H
#define _KP_OBJECT_H

#include <linux/list.h>
#include <linux/types.h>

#include "redirect.h"
#include "reloc.h"

struct kp_part;
struct kp_symbol;
struct module;

/**
 * struct kp_func - one function to be replaced
 * @node:	in kp_object.funcs
 * @name:	the original, @sympos: see struct kp_symbol
 * @new_addr:	the replacement; 0: none, calls shall reach the original again
 * @new_size:	its length; 0: ask kallsyms
 * @old_addr:	the original's address; found when the object is linked
 * @given_size:	its length, as far as the patch knows; 0: it does not
 * @old_size:	the same, or what kallsyms says if that is more; found with @old_addr
 * @force:	switch although a task may be inside
 * @nop:	made by the registry, see registry_nops.c
 * @priv:	the front end's
 */
struct kp_func {
	struct list_head node;
	const char *name;
	unsigned long sympos;
	unsigned long new_addr;
	unsigned long new_size;
	unsigned long old_addr;
	unsigned long given_size;
	unsigned long old_size;
	bool force;
	bool nop;
	void *priv;

	/* private: */
	struct kp_part *old_parts;
	struct kp_part *new_parts;
	struct kp_hook hook;
	bool hooked;
};

/**
 * struct kp_object - vmlinux, or a module that may or may not be loaded
 * @node:	in kp_patch.objects
 * @name:	the module's name or "vmlinux"
 * @funcs:	struct kp_func
 * @relocs:	struct kp_reloc
 * @pre_patch:	before the functions are switched, once the object is there; an
 *		error cancels.  This one and the next three may be NULL, may
 *		sleep, and run under the registry's lock.
 * @post_patch:	after they were switched
 * @pre_unpatch: before they are switched back, or the module goes
 * @post_unpatch: after that, or after a switch that failed
 * @linked_cb:	addresses have been found, for a front end that shows them
 * @unlinked_cb: the object has gone, or nobody needs it any more; it has been
 *		linked
 * @missing:	complains about a symbol that is not there, or not only once,
 *		and returns the error to be returned
 * @nop:	made by the registry, for nops only
 * @priv:	the front end's
 * @linked:	the object is there, symbols and relocations are done
 * @mod:	the module, while linked
 */
struct kp_object {
	struct list_head node;
	const char *name;
	struct list_head funcs;
	struct list_head relocs;
	int (*pre_patch)(struct kp_object *obj);
	void (*post_patch)(struct kp_object *obj);
	void (*pre_unpatch)(struct kp_object *obj);
	void (*post_unpatch)(struct kp_object *obj);
	void (*linked_cb)(struct kp_object *obj);
	void (*unlinked_cb)(struct kp_object *obj);
	int (*missing)(struct kp_object *obj, const struct kp_symbol *sym);
	bool nop;
	void *priv;

	bool linked;
	struct module *mod;

	/* private: */
	bool callbacks;
};

bool kp_object_is_vmlinux(const struct kp_object *obj);

/*
 * Links those of @objects that are there and not linked yet, for the patch
 * module @patch: all of its names are looked up in one go.  After an error
 * nothing is linked that was not before.
 */
int kp_objects_link(struct module *patch, struct list_head *objects);
/* The same for one object, whose module @mod is just coming. */
int kp_object_link(struct module *patch, struct kp_object *obj,
		   struct module *mod);
/* What linking has allocated for @func, which is about to be freed. */
void kp_func_forget(struct kp_func *func);
/* @in_use: tasks may still run code that refers to it. */
void kp_object_unlink(struct kp_object *obj, bool in_use);

/* The callbacks, each only if it is due. */
int kp_object_pre_patch(struct kp_object *obj);
void kp_object_post_patch(struct kp_object *obj);
void kp_object_pre_unpatch(struct kp_object *obj);
void kp_object_post_unpatch(struct kp_object *obj);

#endif /* _KP_OBJECT_H */
