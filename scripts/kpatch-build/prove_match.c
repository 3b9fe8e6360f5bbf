// SPDX-License-Identifier: GPL-2.0
/* Compare one function with the image and take what its fields tell. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "prove.h"

/* one function under comparison */
struct match {
	struct proof *p;
	struct psec *ps;
	const struct kp_symbol *func;
	uint64_t base;		/* of the section */
	struct bytes img;	/* the function in the image */
	struct misfit *why;
	bool learn;		/* keep what fields tell */
	size_t fields;
};

#define MISFIT(m, at, ...)						\
	do {								\
		(m)->why->func = (m)->func;				\
		(m)->why->off = (at) - (m)->func->value;		\
		snprintf((m)->why->what, sizeof((m)->why->what), __VA_ARGS__); \
	} while (0)

/* the address of the symbol that a field in the image leads to */
static bool field_target(const struct kp_rela *r, const uint8_t *field,
			 uint64_t place, uint64_t *target)
{
	uint64_t v64;
	int32_t v32;

	switch (r->type) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		memcpy(&v32, field, sizeof(v32));
		*target = (uint64_t)(int64_t)v32 + place - (uint64_t)r->addend;
		return true;
	case R_X86_64_32S:
		memcpy(&v32, field, sizeof(v32));
		*target = (uint64_t)(int64_t)v32 - (uint64_t)r->addend;
		return true;
	case R_X86_64_32:
		memcpy(&v32, field, sizeof(v32));
		*target = (uint64_t)(uint32_t)v32 - (uint64_t)r->addend;
		return true;
	case R_X86_64_64:
		memcpy(&v64, field, sizeof(v64));
		*target = v64 - (uint64_t)r->addend;
		return true;
	case R_X86_64_PC64:
		memcpy(&v64, field, sizeof(v64));
		*target = v64 + place - (uint64_t)r->addend;
		return true;
	}
	return false;
}

static const char *name_at(const struct match *m, uint64_t addr, char *buf,
			   size_t room)
{
	const struct ksym *s = symtab_below(&m->p->img->syms, addr);

	if (!s)
		snprintf(buf, room, "0x%" PRIx64, addr);
	else if (s->addr == addr)
		snprintf(buf, room, "%s", symtab_name(&m->p->img->syms, s));
	else
		snprintf(buf, room, "%s+0x%" PRIx64,
			 symtab_name(&m->p->img->syms, s), addr - s->addr);
	return buf;
}

/* a symbol defined elsewhere must be what the image calls by that name */
static bool import_fits(struct match *m, const struct kp_rela *r,
			uint64_t target)
{
	struct psym *sym = &m->p->sym[r->sym->index];
	const struct symtab *t = &m->p->img->syms;
	char buf[160];

	if (sym->known && sym->addr == target)
		return true;
	if (sym->known ||
	    (symtab_find(t, r->sym->name, NULL) &&
	     !symtab_exact(t, r->sym->name, target))) {
		MISFIT(m, r->offset, "refers to %s, compiled to refer to %s",
		       name_at(m, target, buf, sizeof(buf)), r->sym->name);
		return false;
	}
	if (m->learn) {
		sym->known = true;
		sym->addr = target;
	}
	return true;
}

static bool local_fits(struct match *m, const struct kp_rela *r,
		       uint64_t target)
{
	struct psec *ps = &m->p->sec[r->sym->sec->index];
	uint64_t base = target - r->sym->value;
	char buf[160];

	if (ps == m->ps && base == m->base)
		return true;
	if (ps == m->ps || (ps->known && ps->base != base)) {
		MISFIT(m, r->offset, "refers to %s, compiled to refer to %s+0x%" PRIx64,
		       name_at(m, target, buf, sizeof(buf)), r->sym->name,
		       (uint64_t)r->addend);
		return false;
	}
	if (m->learn && !ps->known) {
		ps->known = true;
		ps->base = base;
		ps->learned_from = m->func;
	}
	return true;
}

static bool is_merged(const struct kp_symbol *sym)
{
	return sym->sec && (sym->sec->flags & SHF_ALLOC) &&
	       (sym->sec->flags & SHF_MERGE);
}

static bool target_fits(struct match *m, const struct kp_rela *r,
			uint64_t target)
{
	/* a weak symbol may have given way to another object's */
	if (r->sym->bind == STB_WEAK ||
	    (r->sym->shndx == SHN_UNDEF && !r->sym->sec))
		return !*r->sym->name || import_fits(m, r, target);
	if (!r->sym->sec || !(r->sym->sec->flags & SHF_ALLOC))
		return true;
	return local_fits(m, r, target);
}

/* A constant may be an address, or two: of functions, for a vector register. */
static bool constant_fits(struct match *m, const struct kp_section *sec,
			  uint64_t off, uint64_t len, const uint8_t *img,
			  uint64_t place)
{
	uint64_t at = off, end = off + len, target;

	kp_for_relas_in(sec, off, end, r) {
		unsigned int width = kp_rela_width(r->type);

		if (r->offset < at || width > end - r->offset)
			return false;
		if (memcmp(img + (at - off), sec->data + at, r->offset - at))
			return false;
		at = r->offset + width;
		/* one that leads to constants is followed no further */
		if (r->sym && !is_merged(r->sym) &&
		    field_target(r, img + (r->offset - off),
				 place + (r->offset - off), &target) &&
		    !target_fits(m, r, target))
			return false;
	}
	return !memcmp(img + (at - off), sec->data + at, end - at);
}

/* Mergeable sections are taken apart by the linker: compare what is there. */
static bool merged_fits(struct match *m, const struct kp_rela *r,
			uint64_t target)
{
	const struct kp_section *sec = r->sym->sec;
	uint64_t off = r->sym->value, len;
	struct bytes b;

	/* of a section symbol the addend selects; else it is the pc's bias */
	if (r->sym->type == STT_SECTION) {
		off += (uint64_t)r->addend;
		target += (uint64_t)r->addend;
	}
	if (off >= sec->size || !sec->data)
		return true;
	if (sec->flags & SHF_STRINGS)
		len = strnlen((char *)sec->data + off, sec->size - off);
	else
		len = sec->entsize;
	if (len > sec->size - off)
		len = sec->size - off;
	if (kimage_bytes(m->p->img, target, len, &b) &&
	    constant_fits(m, sec, off, len, b.p, target))
		return true;
	if (sec->flags & SHF_STRINGS)
		MISFIT(m, r->offset, "refers to another string than \"%.*s\"",
		       len < 80 ? (int)len : 80, (char *)sec->data + off);
	else
		MISFIT(m, r->offset, "refers to another constant");
	return false;
}

static bool field_fits(struct match *m, const struct site *s,
		       const uint8_t *img)
{
	const struct kp_rela *r = s->rela;
	uint64_t target;

	m->fields++;
	if (!r->sym || !field_target(r, img, m->base + r->offset, &target))
		return true;
	if (is_merged(r->sym) && r->sym->bind != STB_WEAK)
		return merged_fits(m, r, target);
	return target_fits(m, r, target);
}

static bool is_nop(const uint8_t *c, unsigned int len)
{
	return len == 2 ? c[0] == 0x66 && c[1] == 0x90 :
			  !memcmp(c, "\x0f\x1f\x44\0\0", 5);
}

static bool jump_fits(struct match *m, const struct site *s,
		      const uint8_t *img)
{
	uint8_t jmp = s->len == 2 ? 0xeb : 0xe9;
	const uint8_t *own = m->ps->sec->data + s->off;

	if (is_nop(img, s->len) || (img[0] == jmp && is_nop(own, s->len)))
		return true;
	/* both are jumps: a relocated target cannot be compared here */
	if (img[0] == jmp && (s->len == 5 || img[1] == own[1]))
		return true;
	MISFIT(m, s->off, "static branch differs");
	return false;
}

static bool site_fits(struct match *m, const struct site *s)
{
	const uint8_t *img = m->img.p + (s->off - m->func->value);

	switch (s->kind) {
	case SITE_JUMP:
		return jump_fits(m, s, img);
	case SITE_FENTRY:
		if (is_nop(img, 5)) {
			m->fields++;
			return true;
		}
		if (img[0] != 0xe8)
			break;
		return field_fits(m, s, img + 1);
	case SITE_FIELD:
		return field_fits(m, s, img);
	}
	MISFIT(m, s->off, "no ftrace site in the image");
	return false;
}

static bool plain_fits(struct match *m, uint64_t from, uint64_t to)
{
	const uint8_t *own = m->ps->sec->data;
	const uint8_t *img = m->img.p;
	uint64_t i;

	if (!memcmp(own + from, m->img.p + (from - m->func->value), to - from))
		return true;
	for (i = from; i < to; i++)
		if (own[i] != img[i - m->func->value])
			break;
	MISFIT(m, i, "has the byte %02x where %02x was compiled",
	       img[i - m->func->value], own[i]);
	return false;
}

static bool compare(struct match *m)
{
	uint64_t at = m->func->value, end = at + m->func->size;
	size_t lo = 0, hi = m->ps->nsite, mid;
	const struct site *s;

	if (!m->ps->sec->data || end > m->ps->sec->size || end < at)
		return false;
	if (!kimage_bytes(m->p->img, m->base + at, m->func->size, &m->img)) {
		MISFIT(m, at, "lies outside the image");
		return false;
	}
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (m->ps->site[mid].off < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (s = m->ps->site + lo; s < m->ps->site + m->ps->nsite; s++) {
		if (s->off >= end || s->len > end - s->off)
			break;
		if (!plain_fits(m, at, s->off) || !site_fits(m, s))
			return false;
		at = s->off + s->len;
	}
	return plain_fits(m, at, end);
}

bool match_func(struct proof *p, struct psec *ps, uint64_t base,
		const struct kp_symbol *func, struct misfit *why,
		size_t *fields)
{
	struct match m = { .p = p, .ps = ps, .func = func, .base = base,
			   .why = why };
	bool ok = compare(&m);

	*fields = m.fields;
	return ok;
}

bool match_learn(struct proof *p, struct psec *ps, uint64_t base,
		 const struct kp_symbol *func, struct misfit *why)
{
	struct match m = { .p = p, .ps = ps, .func = func, .base = base,
			   .why = why, .learn = true };

	return compare(&m);
}
