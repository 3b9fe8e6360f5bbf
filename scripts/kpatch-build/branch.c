// SPDX-License-Identifier: GPL-2.0
/*
 * What leads from one function of a section to another without a relocation:
 * the assembler computes branches to local symbols of the same section itself.
 * Cut apart, such code needs the relocation that it would have had.
 */
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "insn.h"
#include "log.h"

struct found {
	struct kp_elf *elf;
	struct { struct kp_rela *v; size_t n, cap; } relas;
};

static int64_t operand(const unsigned char *p, unsigned int width)
{
	int32_t v;

	if (width == 1)
		return (int8_t)*p;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* The operand of @insn at @at has no relocation: does it lead out of @e? */
static void computed_operand(struct found *f, struct kp_elem *e, uint64_t at,
			     const struct kp_insn *insn)
{
	unsigned char *p = e->sec->data + at + insn->field;
	uint64_t to = at + insn->len + (uint64_t)operand(p, insn->width);
	struct kp_elem *target = kp_elem_at(e->sec, to);
	unsigned int tail = insn->len - insn->field;
	struct kp_rela rela = {
		.offset = at + insn->field,
		.type = insn->width == 1 ? R_X86_64_PC8 : R_X86_64_PC32,
		.addend = (int64_t)(to - tail), .tail = tail, .branch = insn->branch,
	};

	if (to >= e->start && to < e->end)
		return;
	if (!target || to < target->start || to >= target->end) {
		/* "if (x) unreachable();" may jump to the end: it is never taken */
		if (to != e->end && !e->opaque) {
			e->opaque = true;
			e->opaque_at = at;
		}
		return;
	}
	rela.sym = kp_section_symbol(e->sec);
	kp_push(&f->elf->arena, &f->relas, rela);
	/* modules with something in place of a relocation are not loaded */
	memset(p, 0, insn->width);
}

static void read_code(struct found *f, struct kp_elem *e)
{
	uint64_t at = e->sym ? e->sym->value : e->start;
	uint64_t end = e->end < e->sec->size ? e->end : e->sec->size;
	struct kp_insn insn;

	for (; at < end; at += insn.len) {
		struct kp_rela *rela;

		if (!kp_insn_decode(e->sec->data + at, end - at, &insn)) {
			e->opaque = true;
			e->opaque_at = at;
			return;
		}
		if (!insn.field)
			continue;
		rela = kp_first_rela(e->sec, at + insn.field);
		if (rela == e->sec->relas.v + e->sec->relas.n ||
		    rela->offset >= at + insn.field + insn.width) {
			computed_operand(f, e, at, &insn);
		} else if (rela->offset == at + insn.field) {
			rela->tail = insn.len - insn.field;
			rela->branch = insn.branch;
		}
	}
}

static int by_offset(const void *a, const void *b)
{
	const struct kp_rela *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void kp_read_branches(struct kp_elf *elf)
{
	struct kp_section *sec;

	kp_for_each_section(elf, sec) {
		struct found f = { .elf = elf };

		if (kp_class_of(sec) != CL_TEXT || !sec->data)
			continue;
		for (size_t i = 0; i < sec->elems.n; i++)
			read_code(&f, sec->elems.v[i]);
		for (size_t i = 0; i < f.relas.n; i++)
			kp_push(&elf->arena, &sec->relas, f.relas.v[i]);
		if (f.relas.n)
			qsort(sec->relas.v, sec->relas.n, sizeof(*sec->relas.v), by_offset);
	}
}
