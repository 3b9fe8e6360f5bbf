// SPDX-License-Identifier: GPL-2.0
/* A symbol table searched by name and by address. */
#include <stdlib.h>

#include "symtab.h"

#define NAMES_LIMIT ((size_t)256 << 20)

void symtab_init(struct symtab *t)
{
	memset(t, 0, sizeof(*t));
	t->names.limit = NAMES_LIMIT;
}

void symtab_free(struct symtab *t)
{
	free(t->sym);
	free(t->by_addr);
	membuf_free(&t->names);
	symtab_init(t);
}

bool symtab_add(struct symtab *t, uint64_t addr, uint64_t size, char type,
		bool undefined, const char *name, size_t len)
{
	struct ksym *s;

	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 1024;

		s = realloc(t->sym, room * sizeof(*s));
		if (!s)
			return false;
		t->sym = s;
		t->room = room;
	}
	s = &t->sym[t->n];
	s->addr = addr;
	s->size = size;
	s->type = type;
	s->undefined = undefined;
	s->order = (uint32_t)t->n;
	s->name = (uint32_t)t->names.n;
	if (!membuf_add(&t->names, name, len) ||
	    !membuf_add(&t->names, "", 1))
		return false;
	t->n++;
	return true;
}

static int cmp_name(const void *va, const void *vb, void *names)
{
	const struct ksym *a = va, *b = vb;
	int c = strcmp((char *)names + a->name, (char *)names + b->name);

	if (c)
		return c;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int cmp_addr(const void *va, const void *vb)
{
	const struct ksym *a = *(struct ksym *const *)va;
	const struct ksym *b = *(struct ksym *const *)vb;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

bool symtab_finish(struct symtab *t)
{
	size_t i;

	if (!t->n)
		return true;
	qsort_r(t->sym, t->n, sizeof(*t->sym), cmp_name, t->names.p);
	t->by_addr = calloc(t->n, sizeof(*t->by_addr));
	if (!t->by_addr)
		return false;
	for (i = 0; i < t->n; i++)
		t->by_addr[i] = &t->sym[i];
	qsort(t->by_addr, t->n, sizeof(*t->by_addr), cmp_addr);
	return true;
}

const char *symtab_name(const struct symtab *t, const struct ksym *s)
{
	return (const char *)t->names.p + s->name;
}

const struct ksym *symtab_find(const struct symtab *t, const char *name,
			       size_t *count)
{
	size_t lo = 0, hi = t->n, mid, end;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(symtab_name(t, &t->sym[mid]), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < t->n; end++)
		if (strcmp(symtab_name(t, &t->sym[end]), name))
			break;
	if (count)
		*count = end - lo;
	return end > lo ? &t->sym[lo] : NULL;
}

unsigned int symtab_sympos(const struct symtab *t, const struct ksym *s)
{
	size_t count, i, defined = 0;
	unsigned int pos = 0;
	const struct ksym *first = symtab_find(t, symtab_name(t, s), &count);

	for (i = 0; i < count; i++) {
		if (first[i].undefined)
			continue;
		defined++;
		if (&first[i] == s)
			pos = (unsigned int)defined;
	}
	return defined > 1 ? pos : 0;
}

const struct ksym *symtab_exact(const struct symtab *t, const char *name,
				uint64_t addr)
{
	size_t count, i;
	const struct ksym *first = symtab_find(t, name, &count);

	for (i = 0; i < count; i++)
		if (first[i].addr == addr)
			return &first[i];
	return NULL;
}

/* index of the first entry of by_addr that is above addr */
static size_t upper_bound(const struct symtab *t, uint64_t addr)
{
	size_t lo = 0, hi = t->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->by_addr[mid]->addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct ksym *symtab_below(const struct symtab *t, uint64_t addr)
{
	size_t at = t->n ? upper_bound(t, addr) : 0;

	return at ? t->by_addr[at - 1] : NULL;
}

const struct ksym *symtab_at(const struct symtab *t, uint64_t addr)
{
	size_t at = t->n ? upper_bound(t, addr) : 0;
	const struct ksym *best = NULL;

	while (at && t->by_addr[at - 1]->addr == addr) {
		const struct ksym *s = t->by_addr[--at];

		if (!best || strchr("tTwW", s->type))
			best = s;
	}
	return best;
}
