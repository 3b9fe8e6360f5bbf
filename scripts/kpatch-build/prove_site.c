// SPDX-License-Identifier: GPL-2.0
/*
 * The places where the shipped code may differ from the compiled object.
 *
 * - relocated fields: the linker filled them in;
 * - calls of __fentry__: the build may have turned them into 5-byte nops
 *   (recordmcount or objtool), as ftrace would do at boot;
 * - static branches: where objtool runs on the linked vmlinux.o only (IBT
 *   kernels), the compiled jmp becomes a nop of the same length.
 *
 * Alternatives, paravirt calls, retpolines, return thunks, lock prefixes and
 * endbr are rewritten at boot, in memory: the file has them as compiled.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prove.h"

static int cmp_site(const void *va, const void *vb)
{
	const struct site *a = va, *b = vb;

	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return (int)b->kind - (int)a->kind;
}

static unsigned int jump_len(const struct kp_section *sec, uint64_t off)
{
	const unsigned char *c;
	uint64_t left;

	if (off >= sec->size || !sec->data)
		return 0;
	c = sec->data + off;
	left = sec->size - off;
	if (left >= 2 && (c[0] == 0xeb || (c[0] == 0x66 && c[1] == 0x90)))
		return 2;
	if (left >= 5 && (c[0] == 0xe9 || !memcmp(c, "\x0f\x1f\x44\0\0", 5)))
		return 5;
	return 0;
}

static size_t jump_sites(struct proof *p, const struct psec *ps,
			 struct site *out)
{
	struct kp_section *tab = kp_find_section(p->obj, "__jump_table");
	unsigned int size;
	size_t n = 0;

	if (!tab)
		return 0;
	size = kp_jump_entry_size(tab);
	kp_for_each_rela(tab, r) {
		uint64_t off;
		unsigned int len;

		if (r->offset % size || !r->sym || r->sym->sec != ps->sec)
			continue;
		off = r->sym->value + (uint64_t)r->addend;
		len = jump_len(ps->sec, off);
		if (!len)
			continue;
		if (out)
			out[n] = (struct site){ off, len, SITE_JUMP, NULL };
		n++;
	}
	return n;
}

static struct site field_site(const struct psec *ps, const struct kp_rela *r)
{
	bool call = r->offset && ps->sec->data[r->offset - 1] == 0xe8;

	if (call && r->sym && !strcmp(r->sym->name, "__fentry__"))
		return (struct site){ r->offset - 1, 5, SITE_FENTRY, r };
	return (struct site){ r->offset, kp_rela_width(r->type), SITE_FIELD,
			      r };
}

/* sites inside an earlier, larger one (the target of a static jmp) go */
static void drop_covered(struct psec *ps)
{
	uint64_t end = 0;
	size_t i, n = 0;

	for (i = 0; i < ps->nsite; i++) {
		if (ps->site[i].off < end)
			continue;
		end = ps->site[i].off + ps->site[i].len;
		ps->site[n++] = ps->site[i];
	}
	ps->nsite = n;
}

bool sites_collect(struct proof *p, struct psec *ps)
{
	size_t n = ps->sec->relas.n + jump_sites(p, ps, NULL);

	ps->site = calloc(n + 1, sizeof(*ps->site));
	if (!ps->site)
		return false;
	ps->nsite = jump_sites(p, ps, ps->site);
	kp_for_each_rela(ps->sec, r)
		if (kp_rela_width(r->type))
			ps->site[ps->nsite++] = field_site(ps, r);
	qsort(ps->site, ps->nsite, sizeof(*ps->site), cmp_site);
	drop_covered(ps);
	return true;
}
