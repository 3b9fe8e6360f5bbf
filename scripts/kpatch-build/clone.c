// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the selected elements into the output: each in a section of its own,
 * symbols with them, relocations redirected to where their targets are now.
 */
#include <string.h>

#include "clone.h"
#include "log.h"
#include "parent.h"

/*
 * Per-CPU variables of all kinds: vmlinux has a section for each of them, and
 * the linker collects them; in a module this one is all that gets per-CPU memory.
 */
static const char *section_name(const struct kp_section *from)
{
	return kp_is_percpu(from) ? KP_PERCPU : from->name;
}

static struct kp_section *new_section(struct kp_diff *d, const struct kp_section *from)
{
	uint64_t flags = from->flags & ~(uint64_t)(SHF_MERGE | SHF_STRINGS | SHF_GROUP |
						    SHF_LINK_ORDER | SHF_INFO_LINK);

	return kp_section_new(d->out, section_name(from), from->type, flags, from->align);
}

#define LONG_JUMP	5	/* bytes */

/* The number of jumps with one byte to another element. */
static unsigned int short_jumps(const struct kp_elem *e)
{
	unsigned int n = 0;

	if (kp_class_of(e->sec) == CL_TEXT)
		kp_for_relas_in(e->sec, e->start, e->end, rela)
			n += rela->type == R_X86_64_PC8;
	return n;
}

/* Alignment that keeps the element where it was, modulo its section's. */
static void place_elem(struct kp_diff *d, struct kp_elem *e)
{
	struct kp_section *sec = e->sec;
	uint64_t skew = sec->align ? e->start % sec->align : 0;
	bool array = kp_starts(sec->name, "__dyndbg") || kp_starts(sec->name, "__verbose") ||
		     kp_class_of(sec) == CL_AUTHOR;

	e->out = array ? kp_find_section(d->out, sec->name) : NULL;
	if (!e->out)
		e->out = new_section(d, sec);
	if (array || !(sec->flags & SHF_EXECINSTR)) {
		/* the largest alignment the element had */
		while (skew && sec->align > 1 && e->start % e->out->align)
			e->out->align /= 2;
		skew = 0;
	}
	if (skew)
		kp_section_append(e->out, NULL, skew, 1);
	e->out_start = kp_section_append(e->out, sec->data ? sec->data + e->start : NULL,
					 e->end - e->start, 1);
	for (unsigned int n = short_jumps(e); n; n--)
		kp_section_append(e->out, "\xe9\0\0\0", LONG_JUMP, 1);
}

/* What the kernel has a global of already must not be defined again. */
static bool keeps_binding(const struct kp_elem *e, const struct kp_symbol *s)
{
	if (e->twin)
		return e->kind == E_FUNC && s == e->sym && kp_becomes_global(e);
	return e->state == S_NEW;
}

static void clone_symbols(struct kp_diff *d, struct kp_elf *elf)
{
	struct kp_symbol *s, *n;

	kp_for_each_symbol(elf, s) {
		struct kp_elem *e = s->elem;

		if (!e || !e->include || s->type == STT_SECTION || s->sec != e->sec)
			continue;
		n = kp_symbol_new(d->out, s->name);
		n->type = s->type;
		n->other = s->other;
		n->size = s->size;
		if (s == e->sym)
			n->size += short_jumps(e) * LONG_JUMP;
		n->sec = e->out;
		n->value = e->out_start + (s->value - e->start);
		n->bind = keeps_binding(e, s) ? s->bind : STB_LOCAL;
		s->out = n;
	}
}

/* The output's copy of a string literal, made once. */
static uint64_t clone_string(struct kp_clone *c, struct kp_section *from, uint64_t off)
{
	size_t size = kp_string_size(from, off);

	for (size_t i = 0; i < c->strings.n; i++)
		if (c->strings.v[i].sec == from && c->strings.v[i].off == off)
			return c->strings.v[i].out;
	if (!c->str)
		c->str = kp_section_new(c->d->out, ".rodata.kpatch.str", SHT_PROGBITS,
					SHF_ALLOC, 1);
	struct kp_clone_string s = {
		.sec = from, .off = off,
		.out = kp_section_append(c->str, from->data + off, size, from->align),
	};
	kp_push(&c->d->arena, &c->strings, s);
	return s.out;
}

static struct kp_symbol *undefined(struct kp_clone *c, const char *name)
{
	struct kp_symbol *s;

	kp_for_each_symbol(c->d->out, s)
		if (!s->sec && s->shndx == SHN_UNDEF && !strcmp(s->name, name))
			return s;
	s = kp_symbol_new(c->d->out, name);
	s->bind = STB_GLOBAL;
	return s;
}

static bool is_call(const struct kp_section *sec, const struct kp_rela *rela)
{
	const unsigned char *p;

	if (rela->branch)
		return true;
	if (!(sec->flags & SHF_EXECINSTR) || rela->offset < 2 || !sec->data)
		return false;
	if (rela->type != R_X86_64_PLT32 && rela->type != R_X86_64_PC32)
		return false;
	p = sec->data + rela->offset;
	return p[-1] == 0xe8 || p[-1] == 0xe9 ||
	       (p[-2] == 0x0f && (p[-1] & 0xf0) == 0x80);
}

/* Is it a pointer to what is at a symbol's value, made by code or data of the patch? */
static bool makes_pointer(const struct kp_section *from, const struct kp_rela *rela,
			  const struct kp_place *at, int64_t addend)
{
	return !at->table && !is_call(from, rela) && kp_class_of(from) != CL_AUTHOR &&
	       addend + kp_insn_tail(from, rela) == 0;
}

static int refuse_pointer(const struct kp_section *from, const struct kp_rela *rela,
			  const char *name)
{
	const struct kp_elem *user = kp_elem_at(from, rela->offset);

	return kp_refuse("%s in %s passes the address of %s() on, which the kernel only calls: its copy has no endbr64, and a call through a pointer would be fatal; pass a new function that calls it",
			 user ? kp_elem_name(user) : from->name, from->name, name);
}

/* @sym is what @rela of @from refers to, with @addend. */
static int ref_outside(struct kp_clone *c, struct kp_place *at, const struct kp_section *from,
		       const struct kp_rela *rela, const struct kp_symbol *sym, int64_t addend)
{
	struct kp_symref ref;
	int ret = kp_symref(c->d, sym, &ref);
	uint32_t type = rela->type;

	if (ret)
		return ret;
	/* what nothing pointed to has lost its endbr64 when the kernel started */
	if (makes_pointer(from, rela, at, addend) &&
	    kp_symtab_is_sealed(c->d->symtab, sym->name, sym->bind == STB_LOCAL && sym->sec))
		return refuse_pointer(from, rela, sym->name);
	if (ref.plain) {
		kp_rela_add(at->sec, at->off, type, undefined(c, sym->name), addend);
		return 0;
	}
	if (at->table) {
		ret = kp_check_table_ref(c->d, at->table, &ref);
		if (ret)
			return ret;
		if (c->d->late_relocs)
			return kp_put_early(c, at, type, addend, &ref);
	}
	return kp_put_reloc(c, at, type, addend, &ref);
}

/*
 * The address of a replaced function that the kernel may keep (a callback, a
 * timer) must stay good after the patch is gone: give away the original's,
 * which is redirected anyway.
 */
static bool gives_address_away(const struct kp_elem *target, const struct kp_ref *ref,
			       const struct kp_section *from, const struct kp_rela *rela,
			       const struct kp_place *at)
{
	uint64_t entry = target->sym ? target->sym->value - target->start : 0;

	return target->kind == E_FUNC && target->state == S_CHANGED && target->twin &&
	       !target->parent && makes_pointer(from, rela, at, (int64_t)(ref->off - entry));
}

static bool has_endbr(const struct kp_elem *f)
{
	static const unsigned char endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	const struct kp_section *sec = f->sec;
	uint64_t at = f->sym->value;

	return sec->data && at + sizeof(endbr64) <= sec->size &&
	       !memcmp(sec->data + at, endbr64, sizeof(endbr64));
}

static int ref_elem(struct kp_clone *c, struct kp_place *at, struct kp_section *from,
		    const struct kp_rela *rela, const struct kp_ref *ref)
{
	struct kp_elem *e = ref->elem;
	struct kp_symbol *base;
	bool away = e->include && gives_address_away(e, ref, from, rela, at);

	/* gcc leaves it out where it sees only calls */
	if (away && has_endbr(e) && !has_endbr(e->twin))
		return refuse_pointer(from, rela, kp_elem_name(e));
	if (e->include && !away) {
		base = e->sym && e->sym->out ? e->sym->out : kp_section_symbol(e->out);
		kp_rela_add(at->sec, at->off, rela->type, base,
			    (int64_t)(ref->off + e->out_start - base->value));
		return 0;
	}
	if (!e->twin || !e->twin->sym || !e->sym)
		return kp_err("%s refers to nameless data in %s, which the running kernel has and the patch cannot find",
			      from->name, e->sec->name);
	return ref_outside(c, at, from, rela, e->twin->sym,
			   (int64_t)(ref->off - (e->sym->value - e->start)));
}

/* One relocation of the patched object, for its copy at @at. */
int kp_clone_rela(struct kp_clone *c, struct kp_place *at, struct kp_section *from,
		  const struct kp_rela *rela)
{
	struct kp_ref ref = kp_resolve(&c->d->patched, from, rela);
	int ret = kp_clone_table_ref(c, at, from, rela);

	if (ret <= 0)
		return ret;
	if (ref.strsec) {
		int64_t delta = (int64_t)(rela->sym->value - ref.off) + rela->addend;
		uint64_t out = clone_string(c, ref.strsec, ref.off);

		kp_rela_add(at->sec, at->off, rela->type, kp_section_symbol(c->str),
			    (int64_t)out + delta);
		return 0;
	}
	if (ref.elem)
		return ref_elem(c, at, from, rela, &ref);
	if (ref.sym->shndx != SHN_UNDEF)
		return kp_err("%s refers to %s, which is neither defined nor undefined",
			      from->name, ref.sym->name);
	return ref_outside(c, at, from, rela, ref.sym, rela->addend);
}

/* A short jump to what is far away now goes to a long one behind the function. */
static int clone_short_jump(struct kp_clone *c, struct kp_elem *e, struct kp_place *at,
			    const struct kp_rela *jump, uint64_t stub)
{
	struct kp_rela rela = *jump;
	uint64_t distance = stub - (at->off + 1);

	if (!rela.branch || distance > INT8_MAX)
		return kp_refuse("%s() in %s has a short jump to another function, which the patch's copy cannot reach; change the functions that call it instead",
				 kp_elem_name(e), e->sec->name);
	e->out->data[at->off] = (unsigned char)distance;
	at->off = stub + 1;
	rela.type = R_X86_64_PC32;
	rela.addend -= 3;
	rela.tail = 4;
	return kp_clone_rela(c, at, e->sec, &rela);
}

static int clone_elem_relas(struct kp_clone *c, struct kp_elem *e)
{
	uint64_t stub = e->out_start + (e->end - e->start);

	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		struct kp_place at = {
			.sec = e->out, .off = rela->offset - e->start + e->out_start,
			.table = kp_class_of(e->sec) == CL_AUX ? e->sec->name : NULL,
		};
		int ret;

		if (rela->type == R_X86_64_PC8 && kp_class_of(e->sec) == CL_TEXT) {
			ret = clone_short_jump(c, e, &at, rela, stub);
			stub += LONG_JUMP;
		} else {
			ret = kp_clone_rela(c, &at, e->sec, rela);
		}
		if (ret)
			return ret;
	}
	return 0;
}

int kp_clone(struct kp_diff *d)
{
	struct kp_clone c = { .d = d };
	int ret = 0;

	d->out = kp_elf_new("output");
	for (size_t i = 0; i < d->work.n; i++)
		place_elem(d, d->work.v[i]);
	clone_symbols(d, d->patched.elf);
	/* tables first: code may refer to their entries */
	ret = kp_clone_tables(&c);
	for (size_t i = 0; i < d->work.n && !ret; i++)
		ret = clone_elem_relas(&c, d->work.v[i]);
	if (ret)
		return ret;
	kp_put_mcount(d);
	return kp_put_funcs(&c);
}
