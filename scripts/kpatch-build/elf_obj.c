// SPDX-License-Identifier: GPL-2.0
/*
 * Making and searching the structs of elf_io.h.
 */
#include <string.h>

#include "elf_io.h"

struct kp_elf *kp_elf_new(const char *name)
{
	struct kp_arena a = { NULL };
	struct kp_elf *elf = kp_alloc(&a, sizeof(*elf));

	elf->arena = a;
	elf->name = kp_strdup(&elf->arena, name);
	return elf;
}

void kp_elf_free(struct kp_elf *elf)
{
	struct kp_arena a;

	if (!elf)
		return;
	a = elf->arena;		/* it lies in its own arena */
	kp_arena_free(&a);
}

struct kp_section *kp_section_new(struct kp_elf *elf, const char *name,
				  uint32_t type, uint64_t flags, uint64_t align)
{
	struct kp_section *sec = kp_alloc(&elf->arena, sizeof(*sec));

	sec->elf = elf;
	sec->name = kp_strdup(&elf->arena, name);
	sec->type = type;
	sec->flags = flags;
	sec->align = align ? align : 1;
	sec->relas.v = kp_grow(&elf->arena, NULL, 0, &sec->relas.cap,
			       sizeof(*sec->relas.v));
	kp_push(&elf->arena, &elf->secs, sec);
	return sec;
}

struct kp_symbol *kp_symbol_new(struct kp_elf *elf, const char *name)
{
	struct kp_symbol *sym = kp_alloc(&elf->arena, sizeof(*sym));

	sym->elf = elf;
	sym->name = kp_strdup(&elf->arena, name);
	kp_push(&elf->arena, &elf->syms, sym);
	return sym;
}

struct kp_symbol *kp_section_symbol(struct kp_section *sec)
{
	if (!sec->secsym) {
		sec->secsym = kp_symbol_new(sec->elf, sec->name);
		sec->secsym->type = STT_SECTION;
		sec->secsym->sec = sec;
	}
	return sec->secsym;
}

size_t kp_section_append(struct kp_section *sec, const void *p, size_t len, size_t align)
{
	size_t at = align > 1 ? (sec->size + align - 1) / align * align : sec->size;
	unsigned char *data;

	if (align > sec->align)
		sec->align = align;
	if (sec->type != SHT_NOBITS) {
		data = kp_alloc(&sec->elf->arena, at + len + 1);
		if (sec->size)
			memcpy(data, sec->data, sec->size);
		if (p && len)
			memcpy(data + at, p, len);
		sec->data = data;
	}
	sec->size = at + len;
	return at;
}

void kp_rela_add(struct kp_section *sec, uint64_t offset, uint32_t type,
		 struct kp_symbol *sym, int64_t addend)
{
	struct kp_rela rela = {
		.offset = offset, .type = type, .sym = sym, .addend = addend,
	};

	kp_push(&sec->elf->arena, &sec->relas, rela);
}

struct kp_section *kp_find_section(struct kp_elf *elf, const char *name)
{
	struct kp_section *sec;

	kp_for_each_section(elf, sec)
		if (!strcmp(sec->name, name))
			return sec;
	return NULL;
}

struct kp_symbol *kp_find_symbol(struct kp_elf *elf, const char *name)
{
	struct kp_symbol *sym;

	kp_for_each_symbol(elf, sym)
		if (sym->type != STT_SECTION && !strcmp(sym->name, name))
			return sym;
	return NULL;
}

struct kp_rela *kp_first_rela(const struct kp_section *sec, uint64_t off)
{
	size_t lo = 0, hi = sec->relas.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (sec->relas.v[mid].offset < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return sec->relas.v + lo;
}
