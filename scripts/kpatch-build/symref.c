// SPDX-License-Identifier: GPL-2.0
/*
 * Exported symbols of vmlinux are linked by the module loader. Everything else
 * needs a livepatch relocation, by name and position among its namesakes.
 */
#include <string.h>

#include "log.h"
#include "parent.h"
#include "symref.h"

static bool in_vmlinux(const struct kp_diff *d)
{
	return !strcmp(d->parent, "vmlinux");
}

bool kp_export_is_vmlinux(const struct kp_diff *d, const char *name)
{
	const struct kp_export *ex = kp_export_find(d->exports, name);

	return ex && !ex->has_namespace && !strcmp(ex->module, "vmlinux");
}

/* An export of vmlinux (true), or of a module (false, filled in for a relocation). */
static int use_export(struct kp_diff *d, const struct kp_export *ex, struct kp_symref *ref)
{
	if (!strcmp(ex->module, "vmlinux")) {
		ref->plain = !ex->has_namespace;
		ref->symobj = ref->relobj = "vmlinux";
		return 0;
	}
	if (in_vmlinux(d))
		return kp_refuse("vmlinux code calls %s, which is in the module %s and may go away; use only what vmlinux has",
				 ex->name, ex->module);
	ref->symobj = ex->module;
	ref->relobj = d->parent;
	return 0;
}

static int not_found(struct kp_diff *d, const struct kp_symbol *sym, enum kp_found found)
{
	if (found == KP_AMBIGUOUS)
		return kp_err("%s: %s has several symbols of that name and nothing says which one is meant; prove the object first (kpatch-prove)",
			      sym->name, d->parent);
	return kp_err("%s is not in the symbol table of %s; is that the table of the kernel the object belongs to?",
		      sym->name, d->parent);
}

static bool original_has(const struct kp_diff *d, const char *name)
{
	struct kp_symbol *s;

	kp_for_each_symbol(d->orig.elf, s)
		if (s->bind != STB_LOCAL && !strcmp(s->name, name))
			return true;
	return false;
}

/*
 * A new reference to another object does not mean a static function there that
 * happens to have the name. One that was there before does: hidden symbols are
 * local in vmlinux.
 */
static bool is_others_static(const struct kp_diff *d, const struct kp_symbol *sym)
{
	return !sym->sec && kp_symtab_all_local(d->symtab, sym->name) &&
	       !original_has(d, sym->name);
}

static bool used_at_run_time(const struct kp_diff *d, const char *name)
{
	struct kp_section *sec;

	kp_for_each_section(d->orig.elf, sec) {
		if (kp_is_init(sec))
			continue;
		kp_for_each_rela(sec, rela)
			if (!rela->sym->sec && !strcmp(rela->sym->name, name))
				return true;
	}
	return false;
}

/*
 * Init code of another object is gone: what code that did not use it before
 * refers to is what another file of the patch made of it.
 */
static bool is_others_init(const struct kp_diff *d, const struct kp_symbol *sym)
{
	return !sym->sec && in_vmlinux(d) && kp_symtab_is_init(d->symtab, sym->name) &&
	       !used_at_run_time(d, sym->name);
}

static enum kp_found find_name(const struct kp_diff *d, const struct kp_symbol *sym,
			       unsigned int *sympos)
{
	uint64_t size;

	return kp_symtab_find(d->symtab, sym->name, sym->bind == STB_LOCAL && sym->sec,
			      sympos, &size);
}

/* Another name of the same place, unless the kernel has that from another object. */
static bool is_alias(const struct kp_diff *d, const struct kp_symbol *sym,
		     const struct kp_symbol *s)
{
	return s != sym && s->sec == sym->sec && s->value == sym->value && s->name[0] &&
	       s->type != STT_SECTION &&
	       !(s->bind == STB_WEAK && kp_symtab_overridden(d->symtab, s->name));
}

/*
 * kallsyms leaves some names out (scripts/mksysmap has a list): what is there has
 * another name then. @name: the one that was found.
 */
enum kp_found kp_find_in_parent(const struct kp_diff *d, const struct kp_symbol *sym,
				const char **name, unsigned int *sympos)
{
	enum kp_found found;
	struct kp_symbol *s;

	*name = sym->name;
	if (is_others_static(d, sym) || is_others_init(d, sym))
		return KP_ABSENT;
	found = find_name(d, sym, sympos);
	if (found != KP_ABSENT || !sym->sec)
		return found;
	kp_for_each_symbol(sym->elf, s)
		if (is_alias(d, sym, s) && find_name(d, s, sympos) == KP_FOUND) {
			*name = s->name;
			return KP_FOUND;
		}
	return KP_ABSENT;
}

bool kp_is_patch_own(const struct kp_diff *d, const struct kp_symbol *sym)
{
	unsigned int sympos;
	const char *name;

	return !sym->sec && !kp_export_find(d->exports, sym->name) &&
	       kp_find_in_parent(d, sym, &name, &sympos) == KP_ABSENT;
}

static int by_position(struct kp_diff *d, const struct kp_symbol *sym, struct kp_symref *ref)
{
	enum kp_found found = kp_find_in_parent(d, sym, &ref->name, &ref->sympos);

	if (found == KP_FOUND) {
		ref->symobj = ref->relobj = d->parent;
		return 0;
	}
	if (found == KP_ABSENT && !sym->sec) {
		/* another object of this patch may define it; else modpost complains */
		kp_debug("%s: left for the linker", sym->name);
		ref->plain = true;
		ref->sympos = 0;
		return 0;
	}
	return not_found(d, sym, found);
}

int kp_symref(struct kp_diff *d, const struct kp_symbol *sym, struct kp_symref *ref)
{
	const struct kp_export *ex = NULL;

	memset(ref, 0, sizeof(*ref));
	if (!sym->name[0])
		return kp_err("%s: code that goes into the patch refers to a place without a name, in a section that is not read (debug information?)",
			      d->patched.elf->name);
	ref->name = sym->name;
	if (sym->bind != STB_LOCAL)
		ex = kp_export_find(d->exports, sym->name);
	if (ex && (!sym->sec || in_vmlinux(d))) {
		int ret = use_export(d, ex, ref);
		uint64_t size;

		if (ret || ref->plain || strcmp(ref->symobj, d->parent))
			return ret;
		/* the parent's own, or in a namespace: by position, if there are several */
		if (kp_symtab_find(d->symtab, sym->name, false, &ref->sympos, &size) != KP_FOUND)
			ref->sympos = 0;
		return 0;
	}
	return by_position(d, sym, ref);
}
