/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names and addresses of a loaded module's sections.  The loader forgets its
 * section headers, but keeps both for /sys/module/<name>/sections.
 */
#ifndef _KP_COMPAT_SECTIONS_H
#define _KP_COMPAT_SECTIONS_H

#include "kp_config.h"

#include <linux/module.h>
#include <linux/sysfs.h>

#ifdef CONFIG_KALLSYMS
/* The beginning of struct module_sect_attrs, which no header declares. */
static inline const struct attribute_group *
kp_module_sections(const struct module *mod)
{
	return (const struct attribute_group *)mod->sect_attrs;
}

#if KP_HAVE_ATTRIBUTE_GROUP_BIN
/* Since 5.8: the address follows the attribute; since 6.14: is its private. */
static inline bool kp_module_section_bin(const struct attribute_group *grp,
					 unsigned int i, const char **name,
					 unsigned long *addr)
{
	const struct bin_attribute *attr = grp->bin_attrs[i];

	if (!attr)
		return false;
	*name = attr->attr.name;
	*addr = attr->private ? (unsigned long)attr->private :
				*(const unsigned long *)(attr + 1);
	return true;
}
#endif

/* Before: a struct module_attribute, the name, the address. */
struct kp_module_section_old {
	struct module_attribute mattr;
	char *name;
	unsigned long address;
};

/* Section @i; false: there are not so many. */
static inline bool kp_module_section(const struct module *mod, unsigned int i,
				     const char **name, unsigned long *addr)
{
	const struct attribute_group *grp = kp_module_sections(mod);
	const struct kp_module_section_old *sec;

	if (!grp)
		return false;
#if KP_HAVE_ATTRIBUTE_GROUP_BIN
	if (grp->bin_attrs)
		return kp_module_section_bin(grp, i, name, addr);
#endif
	if (!grp->attrs || !grp->attrs[i])
		return false;
	sec = container_of(grp->attrs[i], struct kp_module_section_old,
			   mattr.attr);
	*name = sec->name;
	*addr = sec->address;
	return true;
}
#else
static inline bool kp_module_section(const struct module *mod, unsigned int i,
				     const char **name, unsigned long *addr)
{
	return false;
}
#endif /* CONFIG_KALLSYMS */

#endif /* _KP_COMPAT_SECTIONS_H */
