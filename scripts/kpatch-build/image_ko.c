// SPDX-License-Identifier: GPL-2.0
/*
 * A module as an image: sections get addresses, relocations are applied.
 *
 * All of it lies in the top 2 GiB so that 32-bit fields can hold it; imports
 * lie apart from everything else, 4 KiB from each other, so that no field of
 * one can be taken for a field of another.
 */
#include <stdio.h>
#include <stdlib.h>

#include "elf_io.h"
#include "image.h"
#include "log.h"

#define MODULE_BASE	0xffffffffa0000000ull
#define IMPORT_BASE	0xffffffffd0000000ull
#define IMPORT_STEP	4096ull

struct layout {
	uint64_t *sec_addr;	/* by section index */
	uint64_t *sym_addr;	/* by symbol index */
};

static uint64_t value_width(const struct kp_rela *r, uint64_t place,
			    uint64_t sym, unsigned int *width)
{
	uint64_t v = sym + (uint64_t)r->addend;

	*width = kp_rela_width(r->type);
	switch (r->type) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
	case R_X86_64_PC64:
		return v - place;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_64:
		return v;
	}
	*width = 0;
	return 0;
}

static void apply(struct kp_section *sec, uint64_t base,
		  const struct layout *lay)
{
	kp_for_each_rela(sec, r) {
		unsigned int width;
		uint64_t v;

		if (!r->sym)
			continue;
		v = value_width(r, base + r->offset, lay->sym_addr[r->sym->index],
				&width);
		if (width && sec->data && r->offset <= sec->size &&
		    width <= sec->size - r->offset)
			memcpy(sec->data + r->offset, &v, width);
	}
}

static int place_sections(struct kimage *img, struct layout *lay)
{
	uint64_t next = MODULE_BASE, align;
	struct kp_section *sec;

	kp_for_each_section(img->ko, sec) {
		if (!(sec->flags & SHF_ALLOC))
			continue;
		align = sec->align ? sec->align : 1;
		if (align & (align - 1) || align > 1 << 21)
			return kp_err("%s: section %s has the alignment %llu",
				      img->path, sec->name,
				      (unsigned long long)align);
		next = (next + align - 1) & ~(align - 1);
		lay->sec_addr[sec->index] = next;
		/* a gap: an address past one section is in no other */
		next += sec->size + 64;
		if (next > IMPORT_BASE)
			return kp_err("%s: too large", img->path);
	}
	return 0;
}

static char type_of(const struct kp_symbol *sym)
{
	bool global = sym->bind != STB_LOCAL;

	if (!sym->sec)
		return 'U';
	if (sym->bind == STB_WEAK)
		return sym->sec->flags & SHF_EXECINSTR ? 'W' : 'V';
	if (sym->sec->flags & SHF_EXECINSTR)
		return global ? 'T' : 't';
	return global ? 'D' : 'd';
}

static int place_symbols(struct kimage *img, struct layout *lay)
{
	uint64_t next = IMPORT_BASE, at;
	struct kp_symbol *sym;

	kp_for_each_symbol(img->ko, sym) {
		if (sym->sec && sym->sec->flags & SHF_ALLOC) {
			at = lay->sec_addr[sym->sec->index] + sym->value;
		} else if (sym->shndx == SHN_UNDEF && *sym->name) {
			at = next;
			next += IMPORT_STEP;
		} else {
			continue;
		}
		lay->sym_addr[sym->index] = at;
		if (sym->type == STT_SECTION || sym->type == STT_FILE ||
		    !*sym->name)
			continue;
		if (!symtab_add(&img->syms, at, sym->size, type_of(sym),
				!sym->sec, sym->name, strlen(sym->name)))
			return kp_err("out of memory");
	}
	return 0;
}

static int add_regions(struct kimage *img, const struct layout *lay)
{
	struct kp_section *sec;
	size_t n = 0;

	img->reg = calloc(img->ko->secs.n + 1, sizeof(*img->reg));
	if (!img->reg)
		return kp_err("out of memory");
	kp_for_each_section(img->ko, sec) {
		struct region *r = &img->reg[n];

		if (!(sec->flags & SHF_ALLOC) || !sec->size)
			continue;
		apply(sec, lay->sec_addr[sec->index], lay);
		r->addr = lay->sec_addr[sec->index];
		r->size = sec->size;
		r->data.p = sec->data;
		r->data.n = sec->data ? sec->size : 0;
		r->exec = sec->flags & SHF_EXECINSTR;
		r->name = sec->name;
		n++;
		if (!strcmp(sec->name, ".note.gnu.build-id"))
			kimage_build_id(img, &r->data);
	}
	img->nreg = n;
	return 0;
}

size_t kimage_symbol_slots(struct kp_elf *elf)
{
	struct kp_section *sec;
	struct kp_symbol *sym;
	size_t n = 0;

	kp_for_each_symbol(elf, sym)
		n = sym->index > n ? sym->index : n;
	kp_for_each_section(elf, sec)
		kp_for_each_rela(sec, r)
			n = r->sym && r->sym->index > n ? r->sym->index : n;
	return n + 1;
}

int kimage_load_module(struct kimage *img)
{
	struct layout lay;
	struct kp_section *sec;
	size_t nsec = 0;
	int ret;

	img->module = true;
	img->ko = kp_elf_read_mem(img->path, img->elf.p, img->elf.n);
	if (!img->ko)
		return -1;
	kp_for_each_section(img->ko, sec)
		nsec = sec->index > nsec ? sec->index : nsec;
	lay.sec_addr = calloc(nsec + 1, sizeof(*lay.sec_addr));
	lay.sym_addr = calloc(kimage_symbol_slots(img->ko),
			      sizeof(*lay.sym_addr));
	if (!lay.sec_addr || !lay.sym_addr)
		ret = kp_err("out of memory");
	else
		ret = place_sections(img, &lay);
	if (!ret)
		ret = place_symbols(img, &lay);
	if (!ret)
		ret = add_regions(img, &lay);
	free(lay.sec_addr);
	free(lay.sym_addr);
	return ret;
}
