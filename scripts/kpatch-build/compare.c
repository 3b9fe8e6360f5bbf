// SPDX-License-Identifier: GPL-2.0
/*
 * What changed? Two elements are the same if their bytes are, and their
 * relocations refer to the same things: a pair, the same undefined name, or
 * nameless content that is the same itself.
 */
#include <string.h>

#include "diff.h"
#include "log.h"

/* "call foo" is PC32 or PLT32 depending on the assembler's mood. */
static uint32_t plain_type(uint32_t type)
{
	return type == R_X86_64_PLT32 ? R_X86_64_PC32 : type;
}

/* "... at net/core/dev.c:10296": the number behind it is a line. */
static size_t line_digits(const unsigned char *s, size_t at, size_t n)
{
	size_t end = at;

	if (at < 3 || s[at - 1] != ':' || (s[at - 2] != 'c' && s[at - 2] != 'h') ||
	    s[at - 3] != '.')
		return 0;
	while (end < n && s[end] >= '0' && s[end] <= '9')
		end++;
	return end - at;
}

static bool same_string(const struct kp_ref *x, const struct kp_ref *y)
{
	const unsigned char *a = x->strsec->data + x->off, *b = y->strsec->data + y->off;
	size_t na = kp_string_size(x->strsec, x->off), nb = kp_string_size(y->strsec, y->off);
	size_t i = 0, j = 0;

	if (na == nb && !memcmp(a, b, na))
		return true;
	while (i < na && j < nb) {
		size_t skip = line_digits(a, i, na);

		if (skip && line_digits(b, j, nb)) {
			i += skip;
			j += line_digits(b, j, nb);
		} else if (a[i++] != b[j++]) {
			return false;
		}
	}
	return i == na && j == nb;
}

/*
 * Where the line is in what UBSAN reports (a file's name, line and column, 4
 * bytes each, then types) and in the tag of an allocation (flags, line, names).
 */
static const unsigned char *line_mask(const struct kp_elem *e)
{
	static const unsigned char ubsan[256] = { [8] = 1, 1, 1, 1, 1, 1, 1, 1 };
	static const unsigned char tag[64] = { [4] = 1, 1, 1, 1 };
	const char *section = e->sec->name;
	uint64_t size = e->end - e->start;

	if (kp_starts(section, ".data..Lubsan_data"))
		return size <= sizeof(ubsan) ? ubsan : NULL;
	if (!strcmp(section, "alloc_tags") || !strcmp(section, ".codetag.alloc_tags"))
		return size <= sizeof(tag) ? tag : NULL;
	return NULL;
}

/* Nameless things refer to few others; an object that was made to may have them chained. */
#define MAX_DEPTH	16

/*
 * Compares content, not identity; a loop of references counts as the same, and
 * what is too deep to follow as different: more is replaced, or refused, then.
 */
static bool same_content(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b)
{
	bool same;

	if (b->state == S_BUSY)
		return true;
	if (d->depth >= MAX_DEPTH) {
		kp_debug("%s: too deep to compare", kp_elem_name(b));
		return false;
	}
	if (a->end - a->start != b->end - b->start ||
	    !a->sec->data != !b->sec->data)
		return false;
	if (b->state == S_SAME && b->twin == a && !b->sym)
		return true;
	b->state = S_BUSY;
	d->depth++;
	same = kp_same_range(d, a->sec, a->start, b->sec, b->start,
			     a->end - a->start, line_mask(b));
	d->depth--;
	b->state = b->twin == a && same ? S_SAME : S_UNKNOWN;
	return same;
}

/* A debug descriptor: its relocations say everything but the line number. */
static bool same_descriptor(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b)
{
	uint64_t size = a->end - a->start;
	unsigned char mask[128];

	if (size != b->end - b->start || size > sizeof(mask))
		return false;
	memset(mask, 1, sizeof(mask));
	return kp_same_range(d, a->sec, a->start, b->sec, b->start, size, mask);
}

static bool same_uncorrelated(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b)
{
	enum kp_state old = b->state;
	bool same;

	if (!kp_same_unique(a->sym->name, b->sym->name))
		return false;
	if (kp_starts(a->sec->name, "__dyndbg") || kp_starts(a->sec->name, "__verbose"))
		return same_descriptor(d, a, b);
	same = same_content(d, a, b);
	b->state = old;
	return same;
}

static bool same_elem_ref(struct kp_diff *d, const struct kp_ref *a, const struct kp_ref *b)
{
	struct kp_elem *x = a->elem, *y = b->elem;

	if (a->off != b->off)
		return false;
	if (x->sym && y->sym) {
		if (x->twin == y)
			return true;
		if (d->open_locals && kp_is_static_local(x) && kp_is_static_local(y))
			return kp_same_base(x->sym->name, y->sym->name);
		return kp_uncorrelated(x) && kp_uncorrelated(y) &&
		       same_uncorrelated(d, x, y);
	}
	if (x->sym || y->sym)
		return false;
	return same_content(d, x, y);
}

/*
 * Init code, and the tables of what is called at boot, are done with a function
 * that is no longer, or only now, init code itself.
 */
static bool has_run(const struct kp_section *from, const struct kp_ref *a,
		    const struct kp_ref *b)
{
	return (kp_is_init(from) || kp_starts(from->name, ".initcall")) && a->off == b->off &&
	       kp_changed_home(a->elem, b->elem);
}

#define PIECE_ALIGN	32	/* of what gcc fills a large local array from */

/*
 * Size of the piece with @off in a section without names: up to the next place
 * of which code loads the address, to copy what begins there. 0 if something
 * refers to the section in another way: nobody knows then what belongs together.
 */
static uint64_t piece_size(const struct kp_side *side, const struct kp_section *sec,
			   uint64_t off)
{
	uint64_t end = sec->size;
	struct kp_section *from;

	kp_for_each_section(side->elf, from) {
		if (kp_class_of(from) == CL_IGNORE)
			continue;
		kp_for_each_rela(from, rela) {
			uint64_t at = rela->sym->value + (uint64_t)rela->addend +
				      (uint64_t)kp_insn_tail(from, rela);
			bool loaded = kp_is_loaded(from, rela);

			if (rela->sym->sec != sec)
				continue;
			if (!loaded && (rela->type != R_X86_64_PC32 ||
					kp_class_of(from) != CL_TEXT))
				return 0;
			if (loaded && at % PIECE_ALIGN == 0 && at > off && at < end)
				end = at;
		}
	}
	return off < end ? end - off : 0;
}

static bool has_pieces(const struct kp_elem *e)
{
	const struct kp_section *sec = e->sec;

	return !e->sym && e->end - e->start == sec->size && kp_class_of(sec) == CL_DATA &&
	       kp_is_rodata(sec) && !sec->relas.n && sec->data;
}

/* Its size with the filler in front of the next one. */
static uint64_t filled(uint64_t off, uint64_t size)
{
	return (off + size + PIECE_ALIGN - 1) / PIECE_ALIGN * PIECE_ALIGN - off;
}

/*
 * gcc fills the large local arrays of all functions from one section. Only what
 * a reference is to counts, wherever that lies.
 */
static bool same_piece(struct kp_diff *d, const struct kp_ref *a, const struct kp_ref *b,
		       int64_t tail)
{
	const struct kp_section *sa = a->elem->sec, *sb = b->elem->sec;
	uint64_t x = a->off + (uint64_t)tail, y = b->off + (uint64_t)tail, na, nb, both;

	if (!has_pieces(a->elem) || !has_pieces(b->elem))
		return false;
	na = piece_size(&d->orig, sa, x);
	nb = piece_size(&d->patched, sb, y);
	both = na < nb ? na : nb;
	return both && x % PIECE_ALIGN == y % PIECE_ALIGN && filled(x, na) == filled(y, nb) &&
	       !memcmp(sa->data + x, sb->data + y, both) &&
	       kp_is_zero(sa->data + x + both, na - both) &&
	       kp_is_zero(sb->data + y + both, nb - both);
}

static bool is_special(const struct kp_symbol *s)
{
	return s->sec && kp_class_of(s->sec) == CL_SPECIAL;
}

bool kp_same_ref(struct kp_diff *d, const struct kp_section *sa, const struct kp_rela *ra,
		 const struct kp_section *sb, const struct kp_rela *rb)
{
	struct kp_ref a, b;

	if (plain_type(ra->type) != plain_type(rb->type))
		return false;
	/* an entry of a table, which is compared with its function's others */
	if (is_special(ra->sym) && is_special(rb->sym))
		return !strcmp(ra->sym->sec->name, rb->sym->sec->name);
	a = kp_resolve(&d->orig, sa, ra);
	b = kp_resolve(&d->patched, sb, rb);
	if (a.strsec || b.strsec)
		return a.strsec && b.strsec && same_string(&a, &b) &&
		       ra->sym->value + (uint64_t)ra->addend - a.off ==
		       rb->sym->value + (uint64_t)rb->addend - b.off;
	if (a.elem && b.elem)
		return same_elem_ref(d, &a, &b) || has_run(sb, &a, &b) ||
		       same_piece(d, &a, &b, kp_insn_tail(sb, rb));
	if (a.elem || b.elem)
		return false;
	return ra->addend == rb->addend && !strcmp(a.sym->name, b.sym->name);
}

static bool same_bytes(const struct kp_section *sa, uint64_t a,
		       const struct kp_section *sb, uint64_t b, uint64_t size,
		       const unsigned char *mask)
{
	struct kp_rela *rela = kp_first_rela(sa, a), *end = sa->relas.v + sa->relas.n;

	for (uint64_t i = 0; i < size; i++) {
		while (rela < end && rela->offset + kp_rela_width(rela->type) <= a + i)
			rela++;
		if (rela < end && rela->offset <= a + i)
			continue;
		if (mask && mask[i])
			continue;
		if (sa->data[a + i] != sb->data[b + i]) {
			kp_debug("%s+%#lx: another byte", sb->name, (unsigned long)(b + i));
			return false;
		}
	}
	return true;
}

bool kp_same_range(struct kp_diff *d, const struct kp_section *sa, uint64_t a,
		   const struct kp_section *sb, uint64_t b, uint64_t size,
		   const unsigned char *mask)
{
	struct kp_rela *ra = kp_first_rela(sa, a), *rb = kp_first_rela(sb, b);
	struct kp_rela *enda = sa->relas.v + sa->relas.n, *endb = sb->relas.v + sb->relas.n;

	if (!sa->data || !sb->data)
		return !sa->data && !sb->data;
	for (;; ra++, rb++) {
		bool more_a = ra < enda && ra->offset < a + size;
		bool more_b = rb < endb && rb->offset < b + size;

		if (!more_a && !more_b)
			break;
		if (more_a == more_b && ra->offset - a == rb->offset - b &&
		    kp_same_ref(d, sa, ra, sb, rb))
			continue;
		kp_debug("%s+%#lx: another relocation (%s, was %s)", sb->name,
			 (unsigned long)(more_b ? rb->offset : size),
			 more_b ? rb->sym->name : "none", more_a ? ra->sym->name : "none");
		return false;
	}
	return same_bytes(sa, a, sb, b, size, mask);
}

/* Sections that mean the same: .text.foo.isra.0 and .text.foo, but not .init.text and .text. */
static bool same_section_kind(const struct kp_section *a, const struct kp_section *b)
{
	bool inita = kp_starts(a->name, ".init."), initb = kp_starts(b->name, ".init.");

	return a->type == b->type && inita == initb &&
	       (a->flags & (SHF_WRITE | SHF_EXECINSTR)) == (b->flags & (SHF_WRITE | SHF_EXECINSTR));
}

/*
 * Other files of the patch may call what is no longer static, and the kernel has
 * nothing that they could be linked to. Nobody calls init code any more.
 */
static bool becomes_callable(const struct kp_elem *e)
{
	return e->kind == E_FUNC && kp_becomes_global(e) && !kp_is_init(e->sec);
}

/* __BTF_ID__func__bpf_obj_new_impl__1240: without the counter, and a line. */
static bool same_id_label(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);

	while (na && a[na - 1] >= '0' && a[na - 1] <= '9')
		na--;
	while (nb && b[nb - 1] >= '0' && b[nb - 1] <= '9')
		nb--;
	return na == nb && !strncmp(a, b, na);
}

static bool has_label(const struct kp_elem *e, uint64_t off, const char *name)
{
	struct kp_symbol *s;

	kp_for_each_symbol(e->sec->elf, s)
		if (s->elem == e && s->value - e->start == off && same_id_label(s->name, name))
			return true;
	return false;
}

static bool has_labels_of(const struct kp_elem *e, const struct kp_elem *of)
{
	struct kp_symbol *s;

	kp_for_each_symbol(of->sec->elf, s)
		if (s->elem == of && !has_label(e, s->value - of->start, s->name))
			return false;
	return true;
}

static bool same_labels(const struct kp_elem *a, const struct kp_elem *b)
{
	return has_labels_of(a, b) && has_labels_of(b, a);
}

static enum kp_state compare_pair(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b)
{
	if (!same_section_kind(a->sec, b->sec) || becomes_callable(b) ||
	    a->sym->value - a->start != b->sym->value - b->start)
		return S_CHANGED;
	if (a->end - a->start != b->end - b->start)
		return S_CHANGED;
	if (kp_is_btf_ids(b->sec) && !same_labels(a, b))
		return S_CHANGED;
	if (kp_same_range(d, a->sec, a->start, b->sec, b->start, a->end - a->start, NULL))
		return S_SAME;
	if (b->kind == E_FUNC && kp_lines_only(d, a, b)) {
		kp_debug("%s: only line numbers changed", b->sym->name);
		b->line_only = true;
		return S_SAME;
	}
	return S_CHANGED;
}

void kp_compare(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (!e->sym)
			continue;
		e->state = e->twin ? compare_pair(d, e->twin, e) : S_NEW;
		if (e->twin)
			e->twin->state = e->state;
	}
	kp_for_each_elem(d->patched.elf, sec, e) {
		if (e->sym || e->state == S_SAME)
			continue;
		e->state = !e->twin ? S_NEW :
			   same_content(d, e->twin, e) ? S_SAME : S_CHANGED;
	}
}
