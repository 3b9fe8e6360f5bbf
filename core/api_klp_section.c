// SPDX-License-Identifier: GPL-2.0
/* Finds sections of patch modules by their names, for the klp front end. */
#include <linux/elf.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/string.h>

#include "api_klp.h"
#include "compat.h"
#include "compat/module.h"
#include "compat/sections.h"

/* Where the next section begins, or 0. */
static unsigned long kp_klp_section_after(const struct module *mod,
					  unsigned long start)
{
	unsigned long addr, after = 0;
	const char *name;
	unsigned int i;

	for (i = 0; kp_module_section(mod, i, &name, &addr); i++)
		if (addr > start && (!after || addr < after))
			after = addr;
	return after;
}

/* The end of the last thing in [start, limit) that has a name, or 0. */
static unsigned long kp_klp_symbols_end(struct module *mod,
					unsigned long start,
					unsigned long limit)
{
	const struct elf64_sym *sym;
	unsigned long end = 0;
	struct kp_symtab tab;
	unsigned int i;

	kp_symtab_lock();
	kp_module_symtab(mod, &tab);
	for (i = 1; i < tab.nr; i++) {
		sym = &tab.sym[i];
		if (sym->st_shndx == SHN_UNDEF ||
		    sym->st_shndx >= SHN_LORESERVE || !sym->st_size)
			continue;
		if (sym->st_value >= start && sym->st_value < limit)
			end = max_t(unsigned long, end,
				    sym->st_value + sym->st_size);
	}
	kp_symtab_unlock();
	return min(end, limit);
}

/*
 * Without CONFIG_LIVEPATCH nobody keeps the sizes of sections.  The last named
 * object in it ends a section that a tool has filled with such; one that has
 * none in it extends to the next section, padding included.
 */
void *klp_find_section_by_name(const struct module *mod, const char *name,
			       size_t *sec_size)
{
	unsigned long start, limit, end;
	const char *this;
	unsigned int i;

	*sec_size = 0;
	for (i = 0; kp_module_section(mod, i, &this, &start); i++) {
		if (strcmp(this, name))
			continue;
		limit = kp_klp_section_after(mod, start);
		end = kp_klp_symbols_end((struct module *)mod, start,
					 limit ? limit : ULONG_MAX);
		if (!end)
			end = limit;
		if (!end)
			return NULL;
		*sec_size = end - start;
		return (void *)start;
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(klp_find_section_by_name);
