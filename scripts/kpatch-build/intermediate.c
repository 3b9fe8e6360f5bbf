// SPDX-License-Identifier: GPL-2.0
/*
 * The .kpatch.* sections of the output, see kpatch-intermediate.h.
 */
#include <stddef.h>
#include <string.h>

#include "clone.h"
#include "kpatch-intermediate.h"
#include "log.h"
#include "parent.h"

static struct kp_section *own_section(struct kp_clone *c, const char *name)
{
	struct kp_section *sec = kp_find_section(c->d->out, name);

	if (!sec)
		sec = kp_section_new(c->d->out, name, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8);
	return sec;
}

/* Makes the pointer at @off of @sec point to the string @s. */
static void point_to_name(struct kp_clone *c, struct kp_section *sec, uint64_t off,
			  const char *s)
{
	size_t len = strlen(s) + 1, at;

	if (!c->names)
		c->names = kp_section_new(c->d->out, ".kpatch.strings", SHT_PROGBITS,
					  SHF_ALLOC, 1);
	for (at = 0; at < c->names->size; at += strlen((char *)c->names->data + at) + 1)
		if (!strcmp((char *)c->names->data + at, s))
			break;
	if (at >= c->names->size)
		at = kp_section_append(c->names, s, len, 1);
	kp_rela_add(sec, off, R_X86_64_64, kp_section_symbol(c->names), (int64_t)at);
}

int kp_put_reloc(struct kp_clone *c, const struct kp_place *at, uint32_t type,
		 int64_t addend, const struct kp_symref *ref)
{
	struct kp_section *sec = own_section(c, ".kpatch.relocs");
	struct kpatch_patch_reloc r = {
		.type = type, .sympos = ref->sympos, .addend = addend,
	};
	uint64_t off = kp_section_append(sec, &r, sizeof(r), 8);

	kp_debug("livepatch relocation %s+%lx -> %s.%s,%u%+ld", at->sec->name,
		 (unsigned long)at->off, ref->symobj, ref->name, ref->sympos, (long)addend);
	kp_rela_add(sec, off + offsetof(struct kpatch_patch_reloc, dest), R_X86_64_64,
		    kp_section_symbol(at->sec), (int64_t)at->off);
	point_to_name(c, sec, off + offsetof(struct kpatch_patch_reloc, name), ref->name);
	point_to_name(c, sec, off + offsetof(struct kpatch_patch_reloc, symobj), ref->symobj);
	point_to_name(c, sec, off + offsetof(struct kpatch_patch_reloc, objname), ref->relobj);
	return 0;
}

int kp_put_early(struct kp_clone *c, const struct kp_place *at, uint32_t type,
		 int64_t addend, const struct kp_symref *ref)
{
	struct kp_section *sec = own_section(c, ".kpatch.early");
	struct kpatch_patch_early r = {
		.type = type, .sympos = ref->sympos, .addend = (int)addend,
	};
	uint64_t off;

	if (r.addend != addend)
		return kp_err("%s+%lx: the addend %ld of %s is too large", at->sec->name,
			      (unsigned long)at->off, (long)addend, ref->name);
	off = kp_section_append(sec, &r, sizeof(r), 8);
	kp_rela_add(sec, off + offsetof(struct kpatch_patch_early, dest), R_X86_64_64,
		    kp_section_symbol(at->sec), (int64_t)at->off);
	point_to_name(c, sec, off + offsetof(struct kpatch_patch_early, name), ref->name);
	return 0;
}

static int put_func(struct kp_clone *c, const struct kp_elem *e)
{
	struct kp_section *sec = own_section(c, ".kpatch.funcs");
	const struct kp_symbol *old = e->twin->sym;
	struct kpatch_patch_func f = { .new_size = e->sym->out->size, .old_size = old->size };
	unsigned int sympos = 0;
	enum kp_found found;
	const char *name;
	uint64_t off;

	found = kp_find_in_parent(c->d, old, &name, &sympos);
	if (found != KP_FOUND)
		return kp_err("the function %s to patch is %s the symbol table of %s",
			      old->name, found == KP_ABSENT ? "not in" : "several times in",
			      c->d->parent);
	f.sympos = sympos;
	off = kp_section_append(sec, &f, sizeof(f), 8);
	kp_rela_add(sec, off + offsetof(struct kpatch_patch_func, new_addr), R_X86_64_64,
		    e->sym->out, 0);
	point_to_name(c, sec, off + offsetof(struct kpatch_patch_func, name), name);
	point_to_name(c, sec, off + offsetof(struct kpatch_patch_func, objname), c->d->parent);
	kp_info("changed function: %s", name);
	c->d->nfuncs++;
	return 0;
}

/* The macros leave the object's name open. */
static void name_callbacks(struct kp_clone *c)
{
	struct kp_section *sec;

	kp_for_each_section(c->d->out, sec) {
		if (!kp_starts(sec->name, ".kpatch.callbacks."))
			continue;
		for (uint64_t off = 0; off + sizeof(struct kpatch_patch_callback) <= sec->size;
		     off += sizeof(struct kpatch_patch_callback))
			point_to_name(c, sec, off + offsetof(struct kpatch_patch_callback, objname),
				      c->d->parent);
	}
}

int kp_put_funcs(struct kp_clone *c)
{
	struct kp_diff *d = c->d;

	for (size_t i = 0; i < d->work.n; i++) {
		struct kp_elem *e = d->work.v[i];
		int ret;

		if (e->kind != E_FUNC)
			continue;
		if (e->state == S_NEW)
			kp_info("new function: %s", e->sym->name);
		if (e->state != S_CHANGED || !e->twin || e->parent || kp_is_ignored(e))
			continue;
		if (kp_goes_with_callers(d, e)) {
			kp_info("changed with its callers: %s", e->sym->name);
			continue;
		}
		ret = put_func(c, e);
		if (ret)
			return ret;
	}
	name_callbacks(c);
	return 0;
}
