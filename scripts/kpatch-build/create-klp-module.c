// SPDX-License-Identifier: GPL-2.0
/*
 * create-klp-module: last step behind Kbuild. Turns .kpatch.relocs of a linked
 * module into what the kernel's livepatch loader reads: sections
 * .klp.rela.OBJECT.SECTION and symbols .klp.sym.OBJECT.NAME,SYMPOS. It has to
 * come last, since neither ld nor modpost keeps these as they are.
 *
 * The loader looks a symbol up again for each livepatch relocation, and up to
 * 6.1 each look-up walks through all symbols of the kernel. So vmlinux symbols
 * get one livepatch relocation each, of no effect but that the look-up fills in
 * the symbol. The real ones are ordinary relocations with that symbol. They
 * come later: relocation sections are applied in the order of their headers.
 * (Since 5.8 those of vmlinux are applied while the module loads. Relocations
 * for a module wait for it, and have to be livepatch ones, all of them.)
 */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_io.h"
#include "kpatch-intermediate.h"
#include "log.h"

#define MAX_OBJNAME	55	/* what the kernel scans */
#define MAX_SYMNAME	511
#define VMLINUX		"vmlinux"

static const char usage_text[] =
"Usage: create-klp-module [-d] IN.ko OUT.ko\n"
"\n"
"Makes a module linked from create-diff-object's objects loadable by the\n"
"kernel's livepatch core.\n"
"\n"
"  -d, --debug       say what is decided and why\n"
"  -h, --help        this text\n"
"\n"
"Exit status: 0 made, 1 error.\n";

/* What the pointer field at @off of @sec points to. */
static struct kp_rela *pointer(struct kp_section *sec, uint64_t off)
{
	kp_for_each_rela(sec, rela)
		if (rela->offset == off && rela->type == R_X86_64_64 && rela->sym->sec)
			return rela;
	return NULL;
}

static const char *string_field(struct kp_section *sec, uint64_t off)
{
	struct kp_rela *rela = pointer(sec, off);
	struct kp_section *to;
	uint64_t at;

	if (!rela)
		return NULL;
	to = rela->sym->sec;
	at = rela->sym->value + (uint64_t)rela->addend;
	if (!to->data || at >= to->size || !memchr(to->data + at, 0, to->size - at))
		return NULL;
	return (const char *)to->data + at;
}

static struct kp_section *klp_section(struct kp_elf *elf, const char *obj,
				      struct kp_section *target)
{
	char *name = kp_sprintf(&elf->arena, ".klp.rela.%s.%s", obj, target->name);
	struct kp_section *sec;

	kp_for_each_section(elf, sec)
		if (sec->rela_target == target && !strcmp(sec->name, name))
			return sec;
	sec = kp_section_new(elf, name, SHT_RELA,
			     SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH, 8);
	sec->rela_target = target;
	return sec;
}

/* In front of all others, see above. It has to be for some section: this one is always there. */
static struct kp_section *lookup_section(struct kp_elf *elf)
{
	struct kp_section *target = kp_find_section(elf, ".kpatch.funcs");
	struct kp_section **v, *sec;

	kp_for_each_section(elf, sec)
		if (sec->rela_target && kp_starts(sec->name, ".klp.rela." VMLINUX "."))
			return sec;
	sec = klp_section(elf, VMLINUX, target);
	v = elf->secs.v;
	memmove(v + 1, v, (elf->secs.n - 1) * sizeof(*v));
	v[0] = sec;
	return sec;
}

static void relocate(struct kp_elf *elf, const char *objname, struct kp_section *target,
		     uint64_t at, const struct kpatch_patch_reloc *r, const char *symbol)
{
	bool early = !strcmp(objname, VMLINUX);
	struct kp_symbol *s = kp_find_symbol(elf, symbol);

	if (!s) {
		s = kp_symbol_new(elf, symbol);
		s->bind = STB_GLOBAL;
		s->shndx = SHN_LIVEPATCH;
		if (early)
			kp_rela_add(lookup_section(elf), 0, R_X86_64_NONE, s, 0);
	}
	kp_rela_add(early ? target : klp_section(elf, objname, target), at,
		    (uint32_t)r->type, s, r->addend);
}

static int convert_one(struct kp_elf *elf, struct kp_section *from, uint64_t off)
{
	const char *name = string_field(from, off + offsetof(struct kpatch_patch_reloc, name));
	const char *symobj = string_field(from, off + offsetof(struct kpatch_patch_reloc, symobj));
	const char *objname = string_field(from, off + offsetof(struct kpatch_patch_reloc, objname));
	struct kp_rela *dest = pointer(from, off + offsetof(struct kpatch_patch_reloc, dest));
	struct kpatch_patch_reloc r;
	struct kp_section *target;
	uint64_t at;

	memcpy(&r, from->data + off, sizeof(r));
	if (!name || !symobj || !objname || !dest || r.type > UINT32_MAX)
		return kp_err("%s: entry at %#lx of %s is damaged", elf->name,
			      (unsigned long)off, from->name);
	if (strlen(symobj) > MAX_OBJNAME || strlen(objname) > MAX_OBJNAME ||
	    strlen(name) > MAX_SYMNAME)
		return kp_err("%s: the name %s.%s is too long for the kernel", elf->name,
			      symobj, name);
	target = dest->sym->sec;
	at = dest->sym->value + (uint64_t)dest->addend;
	if (!kp_rela_width((uint32_t)r.type) || at > target->size ||
	    kp_rela_width((uint32_t)r.type) > target->size - at)
		return kp_err("%s: relocation outside of %s", elf->name, target->name);
	relocate(elf, objname, target, at, &r,
		 kp_sprintf(&elf->arena, ".klp.sym.%s.%s,%lu", symobj, name, r.sympos));
	return 0;
}

/* Takes a section and its symbols out of the object. */
static void drop_section(struct kp_elf *elf, struct kp_section *gone)
{
	size_t n = 0;

	for (size_t i = 0; i < elf->secs.n; i++)
		if (elf->secs.v[i] != gone)
			elf->secs.v[n++] = elf->secs.v[i];
	elf->secs.n = n;
	n = 0;
	for (size_t i = 0; i < elf->syms.n; i++)
		if (elf->syms.v[i]->sec != gone)
			elf->syms.v[n++] = elf->syms.v[i];
	elf->syms.n = n;
}

static int convert(struct kp_elf *elf)
{
	struct kp_section *from = kp_find_section(elf, ".kpatch.relocs");

	if (!kp_find_section(elf, ".kpatch.funcs"))
		return kp_err("%s: not linked from create-diff-object's objects", elf->name);
	if (!from)
		return 0;
	if (!from->data || from->size % sizeof(struct kpatch_patch_reloc))
		return kp_err("%s: %s is damaged", elf->name, from->name);
	for (uint64_t off = 0; off < from->size; off += sizeof(struct kpatch_patch_reloc))
		if (convert_one(elf, from, off))
			return -KP_ERROR;
	drop_section(elf, from);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct kp_elf *elf;
	bool debug = false;
	int opt, ret;

	kp_log_init("create-klp-module", 0);
	while ((opt = getopt_long(argc, argv, "dh", longs, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage_text, stdout);
			return KP_OK;
		}
		if (opt != 'd')
			return KP_ERROR;
		debug = true;
	}
	kp_log_init("create-klp-module", debug);
	if (argc - optind != 2)
		return -kp_err("expected 2 arguments, got %d (see --help)", argc - optind);
	elf = kp_elf_read(argv[optind]);
	if (!elf)
		return KP_ERROR;
	ret = convert(elf);
	if (!ret)
		ret = kp_elf_write(elf, argv[optind + 1]);
	kp_elf_free(elf);
	return -ret;
}
