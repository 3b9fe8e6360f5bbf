/* SPDX-License-Identifier: GPL-2.0 */
/* A module's memory and symbols, however struct module spells them. */
#ifndef _KP_COMPAT_MODULE_H
#define _KP_COMPAT_MODULE_H

#include "kp_config.h"

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

/* Nothing here may wrap: @addr and @size are what a patch says. */
static inline bool kp_in_memory(unsigned long addr, unsigned long size,
				unsigned long base, unsigned long len)
{
	return addr >= base && size <= len && addr - base <= len - size;
}

/* Is [addr, addr + size) part of the module's memory that stays after init? */
static inline bool kp_module_core(struct module *mod, unsigned long addr,
				  unsigned long size)
{
#if KP_HAVE_MODULE_MEM
	int type;

	for (type = 0; type < MOD_MEM_NUM_TYPES; type++) {
		unsigned long base = (unsigned long)mod->mem[type].base;

		if (type >= MOD_INIT_TEXT)
			break;
		if (base && kp_in_memory(addr, size, base, mod->mem[type].size))
			return true;
	}
	return false;
#else
#if KP_HAVE_MODULE_LAYOUT
	unsigned long base = (unsigned long)mod->core_layout.base;
	unsigned long len = mod->core_layout.size;
#else
	unsigned long base = (unsigned long)mod->module_core;
	unsigned long len = mod->core_size;
#endif
	return kp_in_memory(addr, size, base, len);
#endif
}

#if !KP_HAVE_WITHIN_MODULE
static inline bool within_module(unsigned long addr, const struct module *mod)
{
	return within_module_init(addr, mod) || within_module_core(addr, mod);
}
#endif

/*
 * What keeps a module's symbol table: a module changes to a smaller one at the end
 * of its init.  Those with a struct mod_kallsyms publish it by RCU, and free the
 * other after a grace period.  Older kernels change field by field, and free at
 * once; all of that is under module_mutex.  That is taken after the registry's
 * lock and that of the chain of notifiers, which are called without it.  May sleep
 * there; what is in between may not.
 */
#if KP_HAVE_MODULE_KALLSYMS
#define kp_symtab_lock()	rcu_read_lock()
#define kp_symtab_unlock()	rcu_read_unlock()
#else
#define kp_symtab_lock()	mutex_lock(&module_mutex)
#define kp_symtab_unlock()	mutex_unlock(&module_mutex)
#endif

/* The symbol table that the module has at the moment; see kp_symtab_lock(). */
struct kp_symtab {
	const struct elf64_sym *sym;
	const char *str;
	unsigned int nr;
};

static inline void kp_module_symtab(struct module *mod, struct kp_symtab *tab)
{
#if KP_HAVE_MODULE_KALLSYMS
	struct mod_kallsyms *ks = rcu_dereference_raw(mod->kallsyms);

	tab->sym = ks->symtab;
	tab->str = ks->strtab;
	tab->nr = ks->num_symtab;
#else
	tab->sym = mod->symtab;
	tab->str = mod->strtab;
	tab->nr = mod->num_symtab;
#endif
}

/*
 * For a coming-notifier that is about to return an error.  From 5.10 on the
 * loader drops the module then, and tells only those notifiers of it that it
 * had called before: false.  Older loaders do not look at what notifiers
 * return.  There the module gets an @init that has to fail; the going-notifier
 * is called after it: true.
 */
static inline bool kp_module_refuse(struct module *mod, int (*init)(void))
{
#if KP_HAVE_NOTIFIER_ROBUST
	return false;
#else
	mod->init = init;
	return true;
#endif
}

#endif /* _KP_COMPAT_MODULE_H */
