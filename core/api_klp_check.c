// SPDX-License-Identifier: GPL-2.0
/*
 * Is what a patch module hands to klp_enable_patch() a patch?  The errors are
 * mainline's; it says nothing in most of these cases, or the kernel complains
 * about a file that is there already.
 */
#define pr_fmt(fmt) "livepatch: " fmt

#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/string.h>

#include "api_klp.h"
#include "compat.h"
#include "symbol.h"

static const char *kp_klp_object_name(const struct klp_object *obj)
{
	return obj->name ? obj->name : "vmlinux";
}

static bool kp_klp_same_func(const struct klp_func *a, const struct klp_func *b)
{
	return !strcmp(a->old_name, b->old_name) &&
	       max(a->old_sympos, 1UL) == max(b->old_sympos, 1UL);
}

/* @func, which follows others that are fine. */
static int kp_klp_check_func(const struct klp_patch *klp,
			     const struct klp_object *obj,
			     const struct klp_func *func)
{
	const char *where = kp_klp_object_name(obj);
	const struct klp_func *other;

	if (!func->old_name) {
		pr_err("patch '%s': a function of object '%s' has no name\n",
		       klp->mod->name, where);
		return -EINVAL;
	}
	if (strlen(func->old_name) >= KSYM_NAME_LEN) {
		pr_err("patch '%s': the name of a function of object '%s' is too long: %.32s...\n",
		       klp->mod->name, where, func->old_name);
		return -EINVAL;
	}
	if (!func->new_func) {
		pr_err("patch '%s': there is nothing to replace function '%s' of object '%s' with\n",
		       klp->mod->name, func->old_name, where);
		return -EINVAL;
	}
	for (other = obj->funcs; other != func; other++) {
		if (!kp_klp_same_func(other, func))
			continue;
		pr_err("patch '%s' replaces function '%s' of object '%s' twice\n",
		       klp->mod->name, func->old_name, where);
		return -EEXIST;
	}
	return 0;
}

static int kp_klp_check_object(const struct klp_patch *klp,
			       const struct klp_object *obj)
{
	const char *name = kp_klp_object_name(obj);
	const struct klp_object *other;
	const struct klp_func *func;
	int ret;

	if (!*name || strlen(name) >= MODULE_NAME_LEN) {
		pr_err("patch '%s': no module can have the name of object '%.32s'\n",
		       klp->mod->name, name);
		return -EINVAL;
	}
	for (other = klp->objs; other != obj; other++) {
		if (strcmp(kp_klp_object_name(other), name))
			continue;
		pr_err("patch '%s' has object '%s' twice\n", klp->mod->name,
		       name);
		return -EEXIST;
	}
	klp_for_each_func_static(obj, func) {
		ret = kp_klp_check_func(klp, obj, func);
		if (ret)
			return ret;
	}
	return 0;
}

/* The relocations are a builder's work, who is told where he went wrong. */
static int kp_klp_check_relocs(const struct klp_patch *klp)
{
	const struct klp_reloc_ext *ext;

	for (ext = klp->relocs; ext && ext->name; ext++) {
		if (ext->dest)
			continue;
		pr_err("patch '%s': the relocation for symbol '%s' has no place\n",
		       klp->mod->name, ext->name);
		return -EINVAL;
	}
	return 0;
}

static int kp_klp_check_parts(const struct klp_patch *klp)
{
	const struct klp_object *obj;

	if (!klp) {
		pr_err("no patch to be enabled was given\n");
		return -EINVAL;
	}
	if (!klp->mod) {
		pr_err("a patch does not say which module it is in\n");
		return -EINVAL;
	}
	if (!klp->objs) {
		pr_err("patch '%s' has no objects\n", klp->mod->name);
		return -EINVAL;
	}
	klp_for_each_object_static(klp, obj) {
		if (obj->funcs)
			continue;
		pr_err("patch '%s': object '%s' has no functions\n",
		       klp->mod->name, kp_klp_object_name(obj));
		return -EINVAL;
	}
	return 0;
}

int kp_klp_check(const struct klp_patch *klp)
{
	const struct klp_object *obj;
	int ret;

	ret = kp_klp_check_parts(klp);
	if (ret)
		return ret;
	/* From MODULE_INFO(livepatch, "Y"), see linux/livepatch.h. */
	if (!kp_symbol_in_module(klp->mod, "__klp_tag")) {
		pr_err("module %s is not marked as a livepatch module\n",
		       klp->mod->name);
		return -EINVAL;
	}
	klp_for_each_object_static(klp, obj) {
		ret = kp_klp_check_object(klp, obj);
		if (ret)
			return ret;
	}
	return kp_klp_check_relocs(klp);
}
