// SPDX-License-Identifier: GPL-2.0
/*
 * Find where each section of the object lies, and prove its functions there.
 *
 * 1. A section whose functions have a name that the image has once is placed
 *    by it; where every name is ambiguous, all places are tried and the code
 *    (then: what other proved sections say of it) decides.
 * 2. The functions are compared.  What their relocated fields lead to places
 *    further sections, data first of all; go on until nothing new comes.
 * 3. A section that is left must be equal in all places that it may have.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prove.h"

#define MAX_CANDIDATES	512

struct candidate {
	uint64_t base;
	unsigned int votes;	/* symbols whose name is where it would be */
	size_t equal;		/* functions that match there */
};

struct proof *proof_new(const struct kimage *img, struct kp_elf *obj)
{
	struct proof *p = calloc(1, sizeof(*p));
	struct kp_section *sec;

	if (!p)
		return NULL;
	p->img = img;
	p->obj = obj;
	kp_for_each_section(obj, sec)
		p->nsec = sec->index >= p->nsec ? sec->index + 1 : p->nsec;
	p->nsym = kimage_symbol_slots(obj);
	p->sec = calloc(p->nsec + 1, sizeof(*p->sec));
	p->sym = calloc(p->nsym + 1, sizeof(*p->sym));
	p->func = calloc(obj->syms.n + 1, sizeof(*p->func));
	if (!p->sec || !p->sym || !p->func) {
		proof_free(p);
		return NULL;
	}
	kp_for_each_section(obj, sec)
		p->sec[sec->index].sec = sec;
	return p;
}

void proof_free(struct proof *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; p->sec && i < p->nsec; i++)
		free(p->sec[i].site);
	free(p->sec);
	free(p->sym);
	free(p->func);
	free(p);
}

static bool names_a_place(const struct psec *ps, const struct kp_symbol *s)
{
	return s->sec == ps->sec && s->type != STT_SECTION && *s->name &&
	       !kp_starts(s->name, ".L");
}

static unsigned int count_votes(const struct proof *p, const struct psec *ps,
				uint64_t base)
{
	struct kp_symbol *s;
	unsigned int n = 0;

	kp_for_each_symbol(p->obj, s)
		n += names_a_place(ps, s) &&
		     symtab_exact(&p->img->syms, s->name, base + s->value);
	return n;
}

static bool have_candidate(const struct candidate *c, size_t n, uint64_t base)
{
	while (n--)
		if (c[n].base == base)
			return true;
	return false;
}

/* Every place that the symbols of the section allow. */
static size_t candidates(const struct proof *p, const struct psec *ps,
			 struct candidate *c)
{
	const struct ksym *k;
	struct kp_symbol *s;
	size_t n = 0, count, i;

	kp_for_each_symbol(p->obj, s) {
		if (!names_a_place(ps, s))
			continue;
		k = symtab_find(&p->img->syms, s->name, &count);
		for (i = 0; i < count && n < MAX_CANDIDATES; i++) {
			uint64_t base = k[i].addr - s->value;

			if (k[i].undefined || have_candidate(c, n, base))
				continue;
			c[n].base = base;
			c[n].equal = 0;
			c[n++].votes = count_votes(p, ps, base);
		}
	}
	return n;
}

static size_t count_equal(struct proof *p, struct psec *ps, uint64_t base)
{
	struct kp_symbol *s;
	struct misfit why;
	size_t n = 0, fields;

	kp_for_each_symbol(p->obj, s)
		n += s->sec == ps->sec && prove_is_func(s) &&
		     match_func(p, ps, base, s, &why, &fields);
	return n;
}

static int cmp_candidate(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	if (a->equal != b->equal)
		return a->equal > b->equal ? -1 : 1;
	if (a->votes != b->votes)
		return a->votes > b->votes ? -1 : 1;
	return a->base < b->base ? -1 : a->base > b->base;
}

/* 1: placed, 0: cannot tell (yet), -1: out of memory */
static int place_by_symbols(struct proof *p, struct psec *ps)
{
	struct candidate *c = calloc(MAX_CANDIDATES, sizeof(*c));
	size_t n, i;
	int ret = 0;

	if (!c)
		return -1;
	n = candidates(p, ps, c);
	for (i = 0; i < n; i++)
		c[i].equal = count_equal(p, ps, c[i].base);
	qsort(c, n, sizeof(*c), cmp_candidate);
	if (n && (n == 1 || c[0].equal != c[1].equal ||
		  c[0].votes != c[1].votes)) {
		ps->known = true;
		ps->base = c[0].base;
		ret = 1;
	}
	free(c);
	return ret;
}

static void note_misfit(struct proof *p, const struct misfit *why)
{
	if (!p->first.func)
		p->first = *why;
}

/* The section has its place: compare, and take what its fields tell. */
static void check_section(struct proof *p, struct psec *ps)
{
	struct kp_symbol *s;

	ps->checked = true;
	kp_for_each_symbol(p->obj, s) {
		struct pfunc *f = &p->func[p->nfunc];
		struct misfit why = { .func = s };

		if (s->sec != ps->sec || !prove_is_func(s))
			continue;
		p->nfunc++;
		f->sym = s;
		f->addr = ps->base + s->value;
		f->equal = match_func(p, ps, ps->base, s, &why, &f->fields) &&
			   match_learn(p, ps, ps->base, s, &why);
		if (f->equal)
			p->nequal++;
		else
			note_misfit(p, &why);
	}
}

static const struct kp_symbol *first_function(const struct proof *p,
					      const struct psec *ps)
{
	struct kp_symbol *s;

	kp_for_each_symbol(p->obj, s)
		if (s->sec == ps->sec && prove_is_func(s))
			return s;
	return NULL;
}

static size_t count_functions(const struct proof *p, const struct psec *ps)
{
	struct kp_symbol *s;
	size_t n = 0;

	kp_for_each_symbol(p->obj, s)
		n += s->sec == ps->sec && prove_is_func(s);
	return n;
}

/*
 * Is the section's code in every place where it may be? One of them is its own,
 * even if nothing tells which (empty functions of a header in many objects).
 */
static bool equal_everywhere(struct proof *p, struct psec *ps)
{
	struct candidate *c = calloc(MAX_CANDIDATES, sizeof(*c));
	size_t n, i, want = count_functions(p, ps);

	if (!c)
		return false;
	n = candidates(p, ps, c);
	for (i = 0; i < n; i++)
		if (count_equal(p, ps, c[i].base) != want)
			break;
	free(c);
	return n && n < MAX_CANDIDATES && i == n;
}

/* They have no address: who refers to one of them finds the name ambiguous. */
static void note_equal(struct proof *p, struct psec *ps)
{
	struct kp_symbol *s;

	kp_for_each_symbol(p->obj, s) {
		if (s->sec != ps->sec || !prove_is_func(s))
			continue;
		p->func[p->nfunc++] = (struct pfunc){ .sym = s, .equal = true };
		p->nequal++;
	}
}

/* A section that nothing could place: if it may be elsewhere, it is not proved. */
static void give_up(struct proof *p, struct psec *ps)
{
	struct misfit why = { .func = first_function(p, ps) };
	size_t count;

	if (equal_everywhere(p, ps)) {
		ps->checked = true;
		note_equal(p, ps);
		return;
	}
	if (!symtab_find(&p->img->syms, why.func->name, &count))
		snprintf(why.what, sizeof(why.what), "is not in the image");
	else
		snprintf(why.what, sizeof(why.what),
			 "could be any of %zu functions of that name", count);
	ps->checked = true;
	note_misfit(p, &why);
}

/* Is it code of the image? Linkers leave .discard.text out (RESERVE_BRK()). */
static bool is_linked_text(const struct kp_section *sec)
{
	return (sec->flags & SHF_EXECINSTR) && (sec->flags & SHF_ALLOC) &&
	       !kp_starts(sec->name, ".discard");
}

int proof_run(struct proof *p)
{
	size_t i, left, done;
	int ret;

	for (i = 0; i < p->nsec; i++) {
		struct psec *ps = &p->sec[i];

		if (!ps->sec || !is_linked_text(ps->sec) || !first_function(p, ps))
			ps->checked = true;
		else if (!sites_collect(p, ps))
			return kp_err("out of memory");
	}
	do {
		for (left = done = i = 0; i < p->nsec; i++) {
			struct psec *ps = &p->sec[i];

			if (ps->checked)
				continue;
			ret = ps->known ? 1 : place_by_symbols(p, ps);
			if (ret < 0)
				return kp_err("out of memory");
			if (ret) {
				check_section(p, ps);
				done++;
			} else {
				left++;
			}
		}
	} while (left && done);
	for (i = 0; i < p->nsec; i++)
		if (!p->sec[i].checked)
			give_up(p, &p->sec[i]);
	return p->first.func ? -KP_ERROR : 0;
}

bool proof_addr(const struct proof *p, const struct kp_symbol *sym,
		uint64_t *addr)
{
	if (sym->sec && p->sec[sym->sec->index].known) {
		*addr = p->sec[sym->sec->index].base + sym->value;
		return true;
	}
	if (!sym->sec && p->sym[sym->index].known) {
		*addr = p->sym[sym->index].addr;
		return true;
	}
	return false;
}
