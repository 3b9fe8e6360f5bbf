// SPDX-License-Identifier: GPL-2.0
/*
 * Cuts an object into elements. -ffunction-sections and -fdata-sections give
 * most of them a section of their own; sections that an attribute names
 * (.init.text, .data..read_mostly, .sched.text) hold several.
 */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "insn.h"
#include "log.h"

static const char * const ignored_sections[] = {
	".modinfo", ".comment", ".note", ".gnu.", ".printk_index", ".discard.addressable",
	".export_symbol", ".llvm", ".gnu.linkonce.this_module", "__versions", NULL,
};

static const char * const aux_sections[] = {
	".altinstr_replacement", ".altinstr_aux", ".fixup", NULL,
};

static bool listed(const char * const *list, const char *name)
{
	for (; *list; list++)
		if (kp_starts(name, *list))
			return true;
	return false;
}

enum kp_class kp_class_of(const struct kp_section *sec)
{
	if (listed(ignored_sections, sec->name))
		return CL_IGNORE;
	if (kp_starts(sec->name, ".kpatch."))
		return CL_AUTHOR;
	if (kp_special_of(sec->name))
		return CL_SPECIAL;
	if (!(sec->flags & SHF_ALLOC))
		return CL_IGNORE;
	if (listed(aux_sections, sec->name))
		return CL_AUX;
	if (sec->flags & SHF_EXECINSTR)
		return CL_TEXT;
	if ((sec->flags & SHF_MERGE) && sec->entsize && sec->data)
		return sec->flags & SHF_STRINGS ? CL_STRING : CL_CONST;
	return CL_DATA;
}

bool kp_is_rodata(const struct kp_section *sec)
{
	return kp_starts(sec->name, ".rodata") || kp_starts(sec->name, ".data.rel.ro") ||
	       (!(sec->flags & SHF_WRITE) && sec->type != SHT_NOBITS);
}

/* What the kernel frees when it has started. */
bool kp_is_init(const struct kp_section *sec)
{
	return kp_starts(sec->name, ".init.") || kp_starts(sec->name, ".head.text") ||
	       kp_starts(sec->name, ".meminit.");
}

bool kp_is_percpu(const struct kp_section *sec)
{
	return kp_starts(sec->name, KP_PERCPU);
}

/*
 * Lists of type numbers, zeros until the kernel is linked: labels say what will
 * be there.
 */
bool kp_is_btf_ids(const struct kp_section *sec)
{
	return !strcmp(sec->name, ".BTF_ids");
}

const char *kp_elem_name(const struct kp_elem *e)
{
	return e->sym ? e->sym->name : e->sec->name;
}

/* Assembler code of which only a label says that it is there. */
bool kp_is_label_code(const struct kp_elem *e)
{
	return e->kind == E_FUNC && e->sym->type == STT_NOTYPE;
}

/* Static in the original, and now other files can use it. */
bool kp_becomes_global(const struct kp_elem *e)
{
	return e->sym && e->twin && e->twin->sym->bind == STB_LOCAL &&
	       e->sym->bind != STB_LOCAL;
}

struct kp_elem *kp_elem_at(const struct kp_section *sec, uint64_t off)
{
	size_t lo = 0, hi = sec->elems.n;

	if (!hi)
		return NULL;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (sec->elems.v[mid]->start <= off)
			lo = mid;
		else
			hi = mid;
	}
	return sec->elems.v[lo];
}

static struct kp_elem *add_elem(struct kp_elf *elf, struct kp_section *sec,
				uint64_t start, uint64_t end, struct kp_symbol *sym)
{
	struct kp_elem *e = kp_alloc(&elf->arena, sizeof(*e));

	e->sec = sec;
	e->start = start;
	e->end = end;
	e->sym = sym;
	e->kind = !sym ? E_ANON : kp_class_of(sec) == CL_TEXT ? E_FUNC : E_OBJECT;
	kp_push(&elf->arena, &sec->elems, e);
	return e;
}

static bool is_prefix_symbol(const struct kp_symbol *s)
{
	return kp_starts(s->name, "__pfx_") || kp_starts(s->name, "__cfi_");
}

/* Symbols that make an element; notype ones only in what an assembler wrote. */
static bool makes_element(const struct kp_symbol *s)
{
	enum kp_class cl;

	if (!s->sec || s->type == STT_SECTION || s->type == STT_FILE || is_prefix_symbol(s))
		return false;
	/* a list: the labels of its ids end in counters, which shift */
	if (kp_is_btf_ids(s->sec))
		return s->name[0] && !kp_starts(s->name, "__BTF_ID__");
	if (s->type == STT_FUNC || s->type == STT_OBJECT || s->type == STT_GNU_IFUNC)
		return true;
	cl = kp_class_of(s->sec);
	return s->type == STT_NOTYPE && s->name[0] && (cl == CL_DATA || cl == CL_TEXT);
}

/* Another object may override a weak name, and the code has its other names then. */
static int by_binding(const struct kp_symbol *s)
{
	return s->bind == STB_WEAK ? 2 : s->bind == STB_LOCAL;
}

/* By section and address; of aliases the larger first, then functions, globals, by name. */
static int by_place(const void *a, const void *b)
{
	const struct kp_symbol *x = *(struct kp_symbol * const *)a;
	const struct kp_symbol *y = *(struct kp_symbol * const *)b;

	if (x->sec->index != y->sec->index)
		return x->sec->index < y->sec->index ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	if ((x->type == STT_NOTYPE) != (y->type == STT_NOTYPE))
		return x->type != STT_NOTYPE ? -1 : 1;
	if (by_binding(x) != by_binding(y))
		return by_binding(x) - by_binding(y);
	return strcmp(x->name, y->name);
}

/* The empty room in front of a function: padding that belongs to it, or nothing. */
static bool is_padding(const struct kp_section *sec, uint64_t from, uint64_t to)
{
	if (to - from > 64 || !sec->data)
		return false;
	kp_for_relas_in(sec, from, to, rela)
		return false;
	return true;
}

#define NO_PLACE	UINT64_MAX

struct cut {
	struct kp_elf *elf;
	struct kp_section *sec;
	uint64_t at;		/* end of the last element */
	bool *filler;		/* of each place behind it: only filler comes from here on */
};

static void close_gap(struct cut *c, uint64_t upto)
{
	enum kp_class cl = kp_class_of(c->sec);

	if (upto <= c->at)
		return;
	if (kp_is_btf_ids(c->sec) && c->sec->elems.n)	/* a list has no size */
		c->sec->elems.v[c->sec->elems.n - 1]->end = upto;
	else if (cl != CL_TEXT || !is_padding(c->sec, c->at, upto))
		add_elem(c->elf, c->sec, c->at, upto, NULL);
}

/*
 * Where the prefix of a function at @to starts, given free room from @from:
 * a prefix symbol or __patchable_function_entries say it; in a section of
 * its own all room in front is the function's.
 */
static uint64_t prefix_start(struct kp_elf *elf, struct kp_section *sec,
			     uint64_t from, uint64_t to)
{
	struct kp_section *tab;
	struct kp_symbol *s;

	if (!is_padding(sec, from, to))
		return to;
	if (from == 0)
		return from;
	kp_for_each_symbol(elf, s)
		if (s->sec == sec && is_prefix_symbol(s) && s->value >= from && s->value < to)
			return s->value;
	kp_for_each_section(elf, tab) {
		if (strcmp(tab->name, "__patchable_function_entries"))
			continue;
		kp_for_each_rela(tab, rela) {
			uint64_t at = rela->sym->value + (uint64_t)rela->addend;

			if (rela->sym->sec == sec && at >= from && at < to)
				return at;
		}
	}
	return to;
}

/* int3, or a nop of any length: what is between functions. */
static bool is_filler(const unsigned char *p)
{
	while (*p == 0x66 || *p == 0x2e)
		p++;
	return *p == 0x90 || *p == 0xcc || (p[0] == 0x0f && p[1] == 0x1f);
}

/* Does execution not go on behind the instruction? */
static bool is_last(const unsigned char *p, const unsigned char *end)
{
	while (p + 1 < end && (memchr("\x66\x2e\x3e\xf2\xf3", *p, 5) || (*p & 0xf0) == 0x40))
		p++;
	switch (*p) {
	case 0xc2: case 0xc3: case 0xcf:	/* ret, iret */
	case 0xe9: case 0xeb:			/* jmp */
		return true;
	case 0xff:
		return p + 1 < end && (p[1] & 0x30) == 0x20;	/* jmp through a pointer */
	case 0x0f:
		return p + 1 < end && p[1] == 0x0b;		/* ud2 */
	default:
		return false;
	}
}

/*
 * Assembler code without .size goes on to the next function, or its prefix:
 * labels in it may be places that the code above them runs into. @last: its
 * last instruction if that runs into what follows.
 */
static uint64_t unsized_end(struct cut *c, const struct kp_symbol *s, uint64_t *last)
{
	const struct kp_section *sec = c->sec;
	uint64_t to = sec->size, end = s->value;
	struct kp_symbol *t;
	struct kp_insn insn;

	if (!sec->data || end >= to)
		return end;
	if (!c->filler)
		c->filler = kp_alloc(&c->elf->arena, to);
	if (c->filler[end])
		return end;
	kp_for_each_symbol(c->elf, t)
		if (t->sec == sec && t->value > s->value && t->value < to &&
		    (t->type == STT_FUNC || t->type == STT_GNU_IFUNC || is_prefix_symbol(t)))
			to = t->value;
	for (uint64_t at = s->value; at < to && !c->filler[at]; at += insn.len) {
		if (!kp_insn_decode(sec->data + at, to - at, &insn))
			return to;
		c->filler[at] = is_filler(sec->data + at);
		if (c->filler[at])
			continue;
		end = at + insn.len;
		*last = is_last(sec->data + at, sec->data + end) ? NO_PLACE : at;
	}
	return end;
}

static void cut_at_symbol(struct cut *c, struct kp_symbol *s)
{
	struct kp_elem *last;
	uint64_t start = s->value, end = s->value + s->size, last_insn = NO_PLACE;

	if (c->sec->elems.n && start < c->at) {	/* an alias, or a label inside */
		last = c->sec->elems.v[c->sec->elems.n - 1];
		s->elem = last;
		if (end > last->end)
			c->at = last->end = end;
		return;
	}
	if (!s->size && kp_class_of(c->sec) == CL_TEXT) {
		end = unsized_end(c, s, &last_insn);
		if (end == start && s->type == STT_NOTYPE)
			return;		/* it marks the end of something */
	}
	if (start > c->at && kp_class_of(c->sec) == CL_TEXT)
		start = prefix_start(c->elf, c->sec, c->at, start);
	close_gap(c, start);
	s->elem = add_elem(c->elf, c->sec, start, end, s);
	s->elem->opaque = last_insn != NO_PLACE;
	s->elem->opaque_at = last_insn;
	c->at = end;
}

static void finish_section(struct cut *c)
{
	if (c->sec && c->at < c->sec->size)
		close_gap(c, c->sec->size);
}

static void cut_symbols(struct kp_diff *d, struct kp_elf *elf)
{
	struct kp_symbol **v, *s;
	struct cut c = { .elf = elf };
	size_t n = 0;

	v = kp_alloc(&d->arena, (elf->syms.n + 1) * sizeof(*v));
	kp_for_each_symbol(elf, s)
		if (makes_element(s) && kp_class_of(s->sec) != CL_IGNORE &&
		    kp_class_of(s->sec) != CL_SPECIAL)
			v[n++] = s;
	qsort(v, n, sizeof(*v), by_place);
	for (size_t i = 0; i < n; i++) {
		if (v[i]->sec != c.sec) {
			finish_section(&c);
			c.sec = v[i]->sec;
			c.at = 0;
			c.filler = NULL;
		}
		cut_at_symbol(&c, v[i]);
	}
	finish_section(&c);
}

/* Sections without a symbol are one element; constants one each. */
static void cut_plain(struct kp_elf *elf)
{
	struct kp_section *sec;

	kp_for_each_section(elf, sec) {
		enum kp_class cl = kp_class_of(sec);
		uint64_t step = cl == CL_CONST ? sec->entsize : sec->size;

		if (sec->elems.n || !sec->size || cl == CL_IGNORE || cl == CL_SPECIAL ||
		    cl == CL_AUX)
			continue;
		if (sec->size % step)
			step = sec->size;
		for (uint64_t at = 0; at < sec->size; at += step)
			add_elem(elf, sec, at, at + step, NULL);
	}
}

static int by_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Auxiliary text is cut at every place that somebody refers to. */
static void cut_aux(struct kp_diff *d, struct kp_side *side, struct kp_section *sec)
{
	struct { uint64_t *v; size_t n, cap; } at = { NULL, 0, 0 };
	struct kp_section *from;

	kp_push(&d->arena, &at, 0);
	kp_for_each_section(side->elf, from) {
		if (from == sec || (kp_class_of(from) != CL_SPECIAL &&
				    kp_class_of(from) != CL_TEXT))
			continue;
		kp_for_each_rela(from, rela) {
			int64_t off = rela->addend;

			if (rela->sym->sec != sec)
				continue;
			off += (int64_t)rela->sym->value + kp_insn_tail(from, rela);
			if (off > 0 && (uint64_t)off < sec->size)
				kp_push(&d->arena, &at, (uint64_t)off);
		}
	}
	qsort(at.v, at.n, sizeof(*at.v), by_u64);
	for (size_t i = 0; i < at.n; i++) {
		uint64_t end = i + 1 < at.n ? at.v[i + 1] : sec->size;

		if (end > at.v[i])
			add_elem(side->elf, sec, at.v[i], end, NULL);
	}
}

int kp_cut(struct kp_diff *d, struct kp_side *side)
{
	struct kp_section *sec;
	struct kp_symbol *s;

	cut_symbols(d, side->elf);
	cut_plain(side->elf);
	kp_read_branches(side->elf);
	kp_for_each_section(side->elf, sec)
		if (kp_class_of(sec) == CL_AUX && !sec->elems.n && sec->size)
			cut_aux(d, side, sec);
	/* labels and prefix symbols belong to what is there */
	kp_for_each_symbol(side->elf, s)
		if (s->sec && !s->elem && s->type != STT_SECTION && s->type != STT_FILE)
			s->elem = kp_elem_at(s->sec, s->value);
	return 0;
}
