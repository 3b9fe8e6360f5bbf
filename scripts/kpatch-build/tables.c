// SPDX-License-Identifier: GPL-2.0
/*
 * Clones the entries of special sections that speak about cloned functions.
 */
#include <string.h>

#include "clone.h"
#include "log.h"
#include "parent.h"

/* kpatch.ko fills in the keys, and hands the table to the kernel, in time. */
static bool is_early(const struct kp_diff *d, const char *table)
{
	return d->late_relocs && !strcmp(table, KP_JUMP_TABLE);
}

/*
 * The kernel works through these tables while the patch module loads. What is
 * filled in later, when a patched module arrives, comes too late for them.
 */
int kp_check_table_ref(struct kp_diff *d, const char *table, const struct kp_symref *ref)
{
	if (!strcmp(ref->relobj, "vmlinux") && (!d->late_relocs || is_early(d, table)))
		return 0;
	if (!strcmp(table, KP_JUMP_TABLE))
		return kp_refuse("a changed function uses the static key %s of %s, and jump labels are set before that address is known; use static_key_enabled(&%s) in the patch",
				 ref->name, ref->symobj, ref->name);
	return kp_refuse("%s of a changed function needs the address of %s in %s before it is known; change the patch so that this function stays as it is",
			 table, ref->name, ref->symobj);
}

/* What a jump label or static call entry is switched by: its last field. */
static struct kp_ref key_of(struct kp_diff *d, const struct kp_entry *en)
{
	struct kp_ref key = { .elem = NULL };

	kp_for_relas_in(en->sec, en->offset, en->offset + en->size, rela)
		key = kp_resolve(&d->patched, en->sec, rela);
	return key;
}

static const char *key_name(struct kp_diff *d, const struct kp_entry *en)
{
	struct kp_ref key = key_of(d, en);

	if (key.elem)
		return kp_elem_name(key.elem);
	return key.sym ? key.sym->name : "";
}

/*
 * While a module loads, the kernel writes into each of vmlinux's static keys that
 * the module uses, read-only or not. Only one that has jump_label_init_ro() knows
 * which it must leave alone.
 */
static int check_key(struct kp_diff *d, const struct kp_entry *en)
{
	struct kp_ref key = key_of(d, en);
	const struct kp_symbol *s = key.sym;

	if (strcmp(en->kind->name, KP_JUMP_TABLE) || strcmp(d->parent, "vmlinux") ||
	    kp_symtab_has_global(d->symtab, "jump_label_init_ro"))
		return 0;
	if (key.elem)
		s = key.elem->twin && !key.elem->include ? key.elem->twin->sym : NULL;
	if (!s || !kp_symtab_is_read_only(d->symtab, s->name, s->bind == STB_LOCAL))
		return 0;
	return kp_refuse("%s() in %s uses the static key %s, which is read-only since boot, and to load the patch this kernel would write to it; use static_key_enabled(&%s) in the patch",
			 kp_elem_name(en->owner), en->owner->sec->name, s->name, s->name);
}

/*
 * What the code does without the entry, where the key comes too late: a static
 * call goes through its trampoline, to the same function. Tracepoints stay off
 * in the patched function.
 */
static bool leave_out(struct kp_diff *d, const struct kp_entry *en)
{
	const char *key;

	if (!strcmp(d->parent, "vmlinux") &&
	    (!d->late_relocs || is_early(d, en->kind->name)))
		return false;
	key = key_name(d, en);
	if (kp_export_is_vmlinux(d, key))
		return false;
	if (!strcmp(en->kind->name, KP_JUMP_TABLE) && kp_starts(key, "__tracepoint_")) {
		kp_warn("%s() keeps the tracepoint %s switched off while it is patched",
			en->owner->sym ? en->owner->sym->name : "?",
			key + strlen("__tracepoint_"));
		return true;
	}
	return !strcmp(en->kind->name, ".static_call_sites");
}

static struct kp_section *table_section(struct kp_diff *d, const struct kp_section *from,
					const struct kp_elem *owner)
{
	/* under this name the kernel does not see it before kpatch.ko has */
	const char *name = is_early(d, from->name) ? ".kpatch.jump_table" : from->name;
	struct kp_section *sec;

	kp_for_each_section(d->out, sec)
		if (!strcmp(sec->name, name) &&
		    (!(from->flags & SHF_LINK_ORDER) || sec->link == owner->out))
			return sec;
	sec = kp_section_new(d->out, name, from->type,
			     from->flags & ~(uint64_t)(SHF_GROUP | SHF_MERGE | SHF_INFO_LINK),
			     from->align);
	if (from->flags & SHF_LINK_ORDER)
		sec->link = owner->out;
	return sec;
}

/* Entry number @i of the second table, if there is one. */
static int clone_companion(struct kp_diff *d, const struct kp_entry *en)
{
	struct kp_section *from, *to, *head;
	uint64_t size, i = en->offset / en->size, n = en->sec->size / en->size;

	if (!en->kind->companion)
		return 0;
	from = kp_find_section(d->patched.elf, en->kind->companion);
	if (!from || !from->data || !n || from->size % n)
		return kp_err("%s and %s do not belong together", en->sec->name,
			      en->kind->companion);
	size = from->size / n;
	to = table_section(d, from, NULL);
	kp_section_append(to, from->data + i * size, size, 1);
	head = kp_find_section(d->patched.elf, ".orc_header");
	if (head && head->data && !kp_find_section(d->out, head->name)) {
		to = kp_section_new(d->out, head->name, head->type, head->flags, head->align);
		kp_section_append(to, head->data, head->size, 1);
	}
	return 0;
}

/*
 * Code that refers to an entry: WARN() hands its entry of __bug_table over,
 * since 6.19. 1: @rela is no such reference.
 */
int kp_clone_table_ref(struct kp_clone *c, struct kp_place *at, struct kp_section *from,
		       const struct kp_rela *rela)
{
	struct kp_section *sec = rela->sym->sec;
	uint64_t value = rela->sym->value + (uint64_t)rela->addend;
	uint64_t point = value + (uint64_t)kp_insn_tail(from, rela);

	if (!sec || kp_class_of(sec) != CL_SPECIAL)
		return 1;
	for (size_t i = 0; i < c->d->patched.entries.n; i++) {
		struct kp_entry *en = &c->d->patched.entries.v[i];

		if (en->sec != sec || point < en->offset || point >= en->offset + en->size ||
		    !en->out)
			continue;
		kp_rela_add(at->sec, at->off, rela->type, kp_section_symbol(en->out),
			    (int64_t)(value - en->offset + en->out_start));
		return 0;
	}
	return kp_err("%s refers to an entry of %s that does not go into the patch",
		      from->name, sec->name);
}

static int clone_entry(struct kp_clone *c, struct kp_entry *en)
{
	struct kp_section *to = table_section(c->d, en->sec, en->owner);
	uint64_t base = kp_section_append(to, en->sec->data + en->offset, en->size, 1);

	en->out = to;
	en->out_start = base;
	kp_for_relas_in(en->sec, en->offset, en->offset + en->size, rela) {
		struct kp_place at = {
			.sec = to, .off = rela->offset - en->offset + base,
			.table = en->kind->name,
		};
		int ret = kp_clone_rela(c, &at, en->sec, rela);

		if (ret)
			return ret;
	}
	return clone_companion(c->d, en);
}

int kp_clone_tables(struct kp_clone *c)
{
	struct kp_entries *all = &c->d->patched.entries;

	for (size_t i = 0; i < all->n; i++) {
		struct kp_entry *en = &all->v[i];
		int ret;

		if (en->kind->drop || !en->owner->include || leave_out(c->d, en))
			continue;
		ret = check_key(c->d, en);
		if (!ret)
			ret = en->kind->boot ? kp_load_boot_constant(c, en) : clone_entry(c, en);
		if (ret)
			return ret;
	}
	return 0;
}
