// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's tables that speak about code. An entry belongs to the function
 * that its first reference to text is in; the entries of a function that goes
 * into the patch go with it.
 */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "log.h"

/* Entry sizes are not here: see sizes.c. */
static const struct kp_special specials[] = {
	{ .name = ".altinstructions" },
	{ .name = ".parainstructions" },
	{ .name = "__bug_table", .line = true },
	{ .name = "__ex_table" },
	{ .name = "__jump_table" },
	{ .name = ".static_call_sites" },
	{ .name = ".smp_locks", .derived = true },
	{ .name = ".retpoline_sites", .derived = true },
	{ .name = ".return_sites", .derived = true },
	{ .name = ".call_sites", .derived = true },
	{ .name = ".cfi_sites", .derived = true },
	{ .name = ".kcfi_traps", .derived = true },
	/* objtool does not know which functions other objects of the patch point to */
	{ .name = ".ibt_endbr_seal", .derived = true, .drop = true },
	{ .name = ".orc_unwind_ip", .companion = ".orc_unwind", .derived = true },
	{ .name = ".orc_unwind", .derived = true, .drop = true },	/* with its ip */
	{ .name = ".orc_header", .derived = true, .drop = true },	/* with its ip */
	{ .name = "__mcount_loc", .derived = true },
	{ .name = "__patchable_function_entries", .derived = true },
	{ .name = ".kprobe_blacklist", .derived = true, .drop = true },
	{ .name = "_kprobe_blacklist", .derived = true, .drop = true },
	{ .name = "_error_injection_whitelist", .derived = true, .drop = true },
	{ .name = ".discard.", .prefix = true, .derived = true },	/* for objtool */
	{ .name = ".discard", .derived = true, .drop = true },	/* for the assembler */
	{ .name = "runtime_", .prefix = true, .boot = true },	/* see runtime.c */
};

const struct kp_special *kp_special_of(const char *section)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		const char *name = specials[i].name;

		if (specials[i].prefix ? kp_starts(section, name) : !strcmp(section, name))
			return &specials[i];
	}
	return NULL;
}

/* Older kernels write the second field of a bug entry relative to the entry. */
static bool bug_is_entry_relative(const struct kp_section *sec, unsigned int size)
{
	kp_for_each_rela(sec, rela) {
		const struct kp_section *str = rela->sym->sec;
		int64_t at = rela->addend;

		if (rela->offset % size != 4 || rela->type != R_X86_64_PC32 || !str ||
		    kp_class_of(str) != CL_STRING)
			continue;
		if (at < 0 || (uint64_t)at >= str->size || (at > 0 && str->data[at - 1]))
			return true;
	}
	return false;
}

static struct kp_elem *owner_of(const struct kp_side *side, const struct kp_section *sec,
				uint64_t off, uint64_t size)
{
	kp_for_relas_in(sec, off, off + size, rela) {
		struct kp_ref ref = kp_resolve(side, sec, rela);

		if (!ref.elem)
			continue;
		if (ref.elem->kind == E_FUNC)
			return ref.elem;
		if (kp_class_of(ref.elem->sec) == CL_AUX)
			return ref.elem->parent ? ref.elem->parent : ref.elem;
		if (kp_class_of(ref.elem->sec) == CL_TEXT)
			return ref.elem;
	}
	return NULL;
}

/* Auxiliary text belongs to the function whose entry, or code, refers to it. */
static void adopt_aux(struct kp_side *side, struct kp_section *sec, uint64_t off,
		      uint64_t size, struct kp_elem *owner)
{
	kp_for_relas_in(sec, off, off + size, rela) {
		struct kp_ref ref = kp_resolve(side, sec, rela);

		if (ref.elem && ref.elem != owner && !ref.elem->parent &&
		    kp_class_of(ref.elem->sec) == CL_AUX)
			ref.elem->parent = owner;
	}
}

/*
 * What replaces nothing has no place: that of a replacement without a length
 * is where the next function's starts, or the end of the section. The length
 * is the last byte of a struct alt_instr, which has 12 bytes, or 14 since 6.3;
 * from 4.1 to 5.12 it had 13, with the length of a padding behind.
 */
static void drop_empty_replacements(struct kp_section *sec, unsigned int size)
{
	unsigned int at = size == 14 ? 13 : 11;
	size_t n = 0;

	if (strcmp(sec->name, ".altinstructions") || size < 12 || size > 14)
		return;
	kp_for_each_rela(sec, rela) {
		uint64_t field = rela->offset % size;

		if (field != 4 || sec->data[rela->offset - field + at])
			sec->relas.v[n++] = *rela;
	}
	sec->relas.n = n;
}

static int scan_table(struct kp_diff *d, struct kp_side *side, struct kp_section *sec)
{
	const struct kp_special *kind = kp_special_of(sec->name);
	unsigned int size;
	bool guessed;

	if (kind->drop || !sec->size || !sec->data || !sec->relas.n)
		return 0;
	size = kp_entry_size(d->sizes, sec, &guessed);
	/* the last entry may lack its padding (.parainstructions before 6.1) */
	if (size && sec->size % size && sec->size % size + sec->align > size)
		kp_section_append(sec, NULL, size - sec->size % size, 1);
	if (!size || sec->size % size)
		return kp_err("%s: section %s (%zu bytes) does not consist of entries of %u bytes",
			      side->elf->name, sec->name, sec->size, size);
	drop_empty_replacements(sec, size);
	if (kind->line && size > 8)
		side->bug_rel_entry = bug_is_entry_relative(sec, size);
	for (uint64_t off = 0; off < sec->size; off += size) {
		struct kp_entry en = {
			.kind = kind, .sec = sec, .offset = off, .size = size,
			.owner = owner_of(side, sec, off, size),
		};

		if (!en.owner && guessed && !kind->derived)
			return kp_err("%s: section %s: the entry at %#lx (%u bytes, as its relocations repeat) refers to no code; give the size of an entry with --sizes",
				      side->elf->name, sec->name, (unsigned long)off, size);
		if (!en.owner)
			continue;
		adopt_aux(side, sec, off, size, en.owner);
		kp_push(&d->arena, &side->entries, en);
	}
	return 0;
}

int kp_scan_specials(struct kp_diff *d, struct kp_side *side)
{
	struct kp_section *sec;
	struct kp_elem *e;

	/* code first, then alternatives: they say whose the auxiliary text is */
	kp_for_each_elem(side->elf, sec, e)
		if (e->kind == E_FUNC)
			adopt_aux(side, sec, e->start, e->end - e->start, e);
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		kp_for_each_section(side->elf, sec)
			if (kp_special_of(sec->name) == &specials[i] &&
			    scan_table(d, side, sec))
				return -KP_ERROR;
	return 0;
}

static int by_owner(const void *a, const void *b)
{
	const struct kp_entry *x = a, *y = b;

	if (x->owner != y->owner)
		return (uintptr_t)x->owner < (uintptr_t)y->owner ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->sec != y->sec)
		return x->sec->index < y->sec->index ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* A copy of the compared entries, sorted by owner, with an end mark. */
static struct kp_entry *sorted_entries(struct kp_diff *d, const struct kp_side *side)
{
	struct kp_entry *v = kp_alloc(&d->arena, (side->entries.n + 1) * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < side->entries.n; i++)
		if (!side->entries.v[i].kind->derived)
			v[n++] = side->entries.v[i];
	qsort(v, n, sizeof(*v), by_owner);
	return v;
}

static const struct kp_entry *first_of(const struct kp_entry *v, const struct kp_elem *owner)
{
	while (v->kind && v->owner != owner)
		v++;
	return v;
}

static bool same_entry(struct kp_diff *d, const struct kp_entry *x, const struct kp_entry *y)
{
	unsigned char mask[256] = { 0 };

	if (x->kind != y->kind || strcmp(x->sec->name, y->sec->name) ||
	    x->size != y->size || x->size > sizeof(mask))
		return false;
	if (x->kind->line && x->size > 4)
		memset(mask + x->size - 4, 1, 2);
	return kp_same_range(d, x->sec, x->offset, y->sec, y->offset, x->size, mask);
}

static bool same_entries(struct kp_diff *d, const struct kp_entry *x, const struct kp_elem *a,
			 const struct kp_entry *y, const struct kp_elem *b)
{
	for (;; x++, y++) {
		bool more_x = x->kind && x->owner == a, more_y = y->kind && y->owner == b;

		if (!more_x && !more_y)
			return true;
		if (more_x != more_y || !same_entry(d, x, y))
			return false;
	}
}

/* Code bytes may be equal while a static key or a fixup is another one. */
void kp_compare_specials(struct kp_diff *d)
{
	struct kp_entry *x = sorted_entries(d, &d->orig);
	struct kp_entry *y = sorted_entries(d, &d->patched);
	struct kp_section *sec;
	struct kp_elem *e;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (e->kind != E_FUNC || e->state != S_SAME)
			continue;
		if (same_entries(d, first_of(x, e->twin), e->twin, first_of(y, e), e))
			continue;
		kp_debug("%s: an entry of a special section changed", e->sym->name);
		e->state = e->twin->state = S_CHANGED;
	}
}

static bool is_known_data(const struct kp_section *sec)
{
	static const char * const known[] = {
		".rodata", ".data", ".bss", ".init.", ".exit.", ".ref.", ".con_initcall",
		".sdata", "__ksymtab", "___ksymtab", "___kcrctab", "__param", "__modver",
		"__tracepoints", "_ftrace", "__bpf_raw_tp", "__syscalls_metadata",
		".initcall", ".x86_", "__tracepoint", "_ftrace_eval_map", ".cpuidle",
		"__init_array", ".init_array", ".ctors", "__of_table", ".kunit",
		".ftrace_", "__ddebug", "__dyndbg", "__verbose", ".pci_fixup",
		".meminit", "__srcu", ".static_call_tramp_key", ".static_call", NULL,
	};

	for (int i = 0; known[i]; i++)
		if (kp_starts(sec->name, known[i]))
			return true;
	return false;
}

/* A table that this tool does not know, about code that goes into the patch. */
int kp_check_unknown_tables(struct kp_diff *d)
{
	struct kp_section *sec;

	kp_for_each_section(d->patched.elf, sec) {
		if (kp_class_of(sec) != CL_DATA || is_known_data(sec) ||
		    kp_author_ignores(d, sec->name))
			continue;
		kp_for_each_rela(sec, rela) {
			struct kp_ref ref = kp_resolve(&d->patched, sec, rela);
			struct kp_elem *at = kp_elem_at(sec, rela->offset);

			if (!ref.elem || ref.elem->kind != E_FUNC || !ref.elem->include ||
			    (at && (at->sym || at->include)))
				continue;
			return kp_err("section %s refers to the %s function %s, and this tool does not know what is in that section: it cannot be carried over; KPATCH_IGNORE_SECTION(\"%s\") leaves it out if that is safe",
				      sec->name,
				      ref.elem->state == S_NEW ? "new" : "changed",
				      ref.elem->sym->name, sec->name);
		}
	}
	return 0;
}
