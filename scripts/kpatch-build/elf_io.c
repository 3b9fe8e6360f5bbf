// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing of ELF objects: the only file that calls libelf.
 *
 * Input may be damaged or hostile. Nothing from a header is used before it has
 * been compared with what the file has.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_io.h"
#include "log.h"

#define MAX_ALIGN	(1UL << 21)
#define MAX_BSS		(1UL << 30)
#define MAX_FILE	(1UL << 31)

/* What is known only while reading. */
struct reader {
	Elf *e;
	struct kp_elf *elf;
	const unsigned char *image;
	size_t len;
	size_t nscn, shstrndx;
	struct kp_section **by_index;	/* NULL: left out */
	GElf_Shdr *shdr;
	size_t symtab;			/* its index */
	struct kp_symbol **sym;		/* by index in the file */
	size_t nsym;
};

#define bad(r, fmt, ...) \
	kp_err("%s: damaged object: " fmt, (r)->elf->name, ##__VA_ARGS__)

unsigned int kp_rela_width(uint32_t type)
{
	switch (type) {
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return 4;
	case R_X86_64_16:
	case R_X86_64_PC16:
		return 2;
	case R_X86_64_8:
	case R_X86_64_PC8:
		return 1;
	default:
		return 0;
	}
}

/* A terminated string of section @scn at @off, or NULL. */
static const char *file_string(struct reader *r, size_t scn, size_t off)
{
	const GElf_Shdr *sh;
	const char *s;
	size_t room;

	if (scn == 0 || scn >= r->nscn)
		return NULL;
	sh = &r->shdr[scn];
	if (sh->sh_type != SHT_STRTAB || off >= sh->sh_size)
		return NULL;
	s = (const char *)r->image + sh->sh_offset + off;
	room = sh->sh_size - off;
	return memchr(s, 0, room) ? s : NULL;
}

static int check_shdr(struct reader *r, size_t i)
{
	GElf_Shdr *sh = &r->shdr[i];

	if (sh->sh_type == SHT_NULL)
		return 0;
	if (sh->sh_type == SHT_NOBITS) {
		if (sh->sh_size > MAX_BSS)
			return bad(r, "section %zu has no end", i);
	} else if (sh->sh_offset > r->len || sh->sh_size > r->len - sh->sh_offset) {
		return bad(r, "section %zu lies outside the file", i);
	}
	if (sh->sh_addralign > MAX_ALIGN ||
	    (sh->sh_addralign & (sh->sh_addralign - 1)))
		return bad(r, "section %zu has alignment %#lx", i,
			   (unsigned long)sh->sh_addralign);
	return 0;
}

static int read_headers(struct reader *r)
{
	GElf_Ehdr eh;

	if (elf_kind(r->e) != ELF_K_ELF || !gelf_getehdr(r->e, &eh) ||
	    gelf_getclass(r->e) != ELFCLASS64 ||
	    eh.e_ident[EI_DATA] != ELFDATA2LSB)
		return kp_err("%s: not a 64-bit little-endian ELF file", r->elf->name);
	if (eh.e_type != ET_REL || eh.e_machine != EM_X86_64)
		return kp_err("%s: not a relocatable x86-64 object", r->elf->name);
	if (elf_getshdrnum(r->e, &r->nscn) || elf_getshdrstrndx(r->e, &r->shstrndx))
		return bad(r, "no section headers");
	r->shdr = kp_alloc(&r->elf->arena, (r->nscn + 1) * sizeof(*r->shdr));
	r->by_index = kp_alloc(&r->elf->arena, (r->nscn + 1) * sizeof(*r->by_index));
	for (size_t i = 1; i < r->nscn; i++) {
		Elf_Scn *scn = elf_getscn(r->e, i);

		if (!scn || !gelf_getshdr(scn, &r->shdr[i]))
			return bad(r, "section header %zu is missing", i);
		if (check_shdr(r, i))
			return -KP_ERROR;
	}
	return 0;
}

/* Descriptions of types; .BTF_ids is data of the kernel. */
static bool is_btf(const char *name)
{
	return !strcmp(name, ".BTF") || !strcmp(name, ".BTF.ext") ||
	       !strcmp(name, ".BTF.base");
}

static bool is_debug(const char *name)
{
	return kp_starts(name, ".debug") || kp_starts(name, ".rela.debug") ||
	       kp_starts(name, ".stab") || is_btf(name) ||
	       kp_starts(name, ".gnu.debuglink");
}

static bool is_wanted(const GElf_Shdr *sh, const char *name)
{
	switch (sh->sh_type) {
	case SHT_NULL:
	case SHT_STRTAB:
	case SHT_SYMTAB:
	case SHT_GROUP:
	case SHT_SYMTAB_SHNDX:
		return false;
	case SHT_RELA:
		return sh->sh_flags & SHF_RELA_LIVEPATCH;
	default:
		return !is_debug(name);
	}
}

static int read_sections(struct reader *r)
{
	for (size_t i = 1; i < r->nscn; i++) {
		GElf_Shdr *sh = &r->shdr[i];
		const char *name = file_string(r, r->shstrndx, sh->sh_name);
		struct kp_section *sec;

		if (sh->sh_type == SHT_NULL)
			continue;
		if (!name)
			return bad(r, "section %zu has no name", i);
		if (sh->sh_type == SHT_SYMTAB) {
			if (r->symtab)
				return bad(r, "two symbol tables");
			r->symtab = i;
		}
		if (!is_wanted(sh, name))
			continue;
		sec = kp_section_new(r->elf, name, sh->sh_type, sh->sh_flags,
				     sh->sh_addralign);
		sec->index = i;
		sec->entsize = sh->sh_entsize;
		sec->size = sh->sh_size;
		if (sh->sh_type != SHT_NOBITS && sh->sh_type != SHT_RELA)
			sec->data = kp_memdup(&r->elf->arena, r->image + sh->sh_offset,
					      sh->sh_size);
		r->by_index[i] = sec;
	}
	return 0;
}

static void link_sections(struct reader *r)
{
	for (size_t i = 1; i < r->nscn; i++) {
		struct kp_section *sec = r->by_index[i];
		size_t link = r->shdr[i].sh_link;

		if (sec && (sec->flags & SHF_LINK_ORDER) && link < r->nscn)
			sec->link = r->by_index[link];
	}
}

/* Section and special index of a symbol. 1: belongs to a section left out. */
static int place_symbol(struct reader *r, struct kp_symbol *s, const GElf_Sym *gs)
{
	if (gs->st_shndx == SHN_XINDEX)
		return bad(r, "more sections than expected");
	if (gs->st_shndx == SHN_UNDEF || gs->st_shndx >= SHN_LORESERVE) {
		s->shndx = gs->st_shndx;
		return 0;
	}
	if (gs->st_shndx >= r->nscn)
		return bad(r, "symbol %u lies in section %u, which does not exist",
			   s->index, gs->st_shndx);
	s->sec = r->by_index[gs->st_shndx];
	if (!s->sec)
		return 1;
	if (gs->st_value > s->sec->size || gs->st_size > s->sec->size - gs->st_value)
		return bad(r, "symbol %u lies outside of section %s", s->index,
			   s->sec->name);
	return 0;
}

static int read_symbol(struct reader *r, Elf_Data *data, size_t i, const char **file)
{
	struct kp_arena *a = &r->elf->arena;
	struct kp_symbol *s = kp_alloc(a, sizeof(*s));
	const char *name;
	GElf_Sym gs;
	int ret;

	if (!gelf_getsym(data, (int)i, &gs))
		return bad(r, "symbol %zu is missing", i);
	name = file_string(r, r->shdr[r->symtab].sh_link, gs.st_name);
	if (!name)
		return bad(r, "symbol %zu has no name", i);
	s->elf = r->elf;
	s->index = i;
	s->type = GELF_ST_TYPE(gs.st_info);
	s->bind = GELF_ST_BIND(gs.st_info);
	s->other = gs.st_other;
	s->value = gs.st_value;
	s->size = gs.st_size;
	ret = place_symbol(r, s, &gs);
	if (ret < 0)
		return ret;
	if (s->type == STT_SECTION && s->sec) {
		name = s->sec->name;
		if (!s->sec->secsym)
			s->sec->secsym = s;
	}
	s->name = kp_strdup(a, name);
	if (s->type == STT_FILE)
		*file = s->name;
	else if (s->bind == STB_LOCAL)
		s->file = *file;
	r->sym[i] = s;
	if (ret == 0 && i > 0)
		kp_push(a, &r->elf->syms, s);
	return 0;
}

static int read_symbols(struct reader *r)
{
	const char *file = NULL;
	const GElf_Shdr *sh;
	Elf_Data *data;

	if (!r->symtab)
		return bad(r, "no symbol table");
	sh = &r->shdr[r->symtab];
	if (sh->sh_entsize != sizeof(Elf64_Sym))
		return bad(r, "symbols of %lu bytes", (unsigned long)sh->sh_entsize);
	data = elf_getdata(elf_getscn(r->e, r->symtab), NULL);
	if (!data)
		return bad(r, "no symbols");
	r->nsym = data->d_size / sizeof(Elf64_Sym);
	r->sym = kp_alloc(&r->elf->arena, (r->nsym + 1) * sizeof(*r->sym));
	for (size_t i = 0; i < r->nsym; i++)
		if (read_symbol(r, data, i, &file))
			return -KP_ERROR;
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct kp_rela *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return 0;
}

static int read_rela(struct reader *r, struct kp_section *to, struct kp_section *range,
		     const GElf_Rela *gr)
{
	uint32_t type = GELF_R_TYPE(gr->r_info);
	size_t symi = GELF_R_SYM(gr->r_info);
	unsigned int width = kp_rela_width(type);

	if (type == R_X86_64_NONE)
		return 0;
	if (!width)
		return kp_err("%s: relocation type %u in %s is not supported",
			      r->elf->name, type, to->name);
	if (symi >= r->nsym)
		return bad(r, "relocation in %s against symbol %zu, which does not exist",
			   to->name, symi);
	if (gr->r_offset > range->size || width > range->size - gr->r_offset ||
	    range->type == SHT_NOBITS)
		return bad(r, "relocation outside of %s", range->name);
	kp_rela_add(to, gr->r_offset, type, r->sym[symi], gr->r_addend);
	return 0;
}

static int read_rela_section(struct reader *r, size_t i)
{
	const GElf_Shdr *sh = &r->shdr[i];
	struct kp_section *target, *to;
	Elf_Data *data;

	if (sh->sh_info == 0 || sh->sh_info >= r->nscn)
		return bad(r, "relocations for section %u, which does not exist",
			   sh->sh_info);
	target = r->by_index[sh->sh_info];
	/* Nothing is kept of it; but livepatch ones are, and need their section. */
	if (!target && !r->by_index[i])
		return 0;
	if (!target || target->type == SHT_RELA)
		return bad(r, "relocations for section %u, which has none",
			   sh->sh_info);
	if (sh->sh_link != r->symtab || sh->sh_entsize != sizeof(Elf64_Rela))
		return bad(r, "relocations for %s in an unknown form", target->name);
	to = r->by_index[i] ? r->by_index[i] : target;
	if (to != target)
		to->rela_target = target;
	data = elf_getdata(elf_getscn(r->e, i), NULL);
	for (size_t k = 0; data && k < data->d_size / sizeof(Elf64_Rela); k++) {
		GElf_Rela gr;

		if (!gelf_getrela(data, (int)k, &gr))
			return bad(r, "relocation %zu of %s is missing", k, target->name);
		if (read_rela(r, to, target, &gr))
			return -KP_ERROR;
	}
	qsort(to->relas.v, to->relas.n, sizeof(struct kp_rela), by_offset);
	return 0;
}

static int read_all(struct reader *r)
{
	if (read_headers(r) || read_sections(r))
		return -KP_ERROR;
	link_sections(r);
	if (read_symbols(r))
		return -KP_ERROR;
	for (size_t i = 1; i < r->nscn; i++)
		if (r->shdr[i].sh_type == SHT_RELA && read_rela_section(r, i))
			return -KP_ERROR;
	return 0;
}

struct kp_elf *kp_elf_read_mem(const char *name, const void *buf, size_t len)
{
	struct reader r = { .elf = kp_elf_new(name), .image = buf, .len = len };
	void *copy;

	if (elf_version(EV_CURRENT) == EV_NONE) {
		kp_err("libelf is too old");
		goto free_elf;
	}
	/* libelf may convert in place: give it memory of its own */
	copy = kp_memdup(&r.elf->arena, buf, len);
	r.image = copy;
	r.e = elf_memory(copy, len);
	if (!r.e) {
		kp_err("%s: not an ELF file", name);
		goto free_elf;
	}
	if (read_all(&r)) {
		elf_end(r.e);
		goto free_elf;
	}
	elf_end(r.e);
	return r.elf;

free_elf:
	kp_elf_free(r.elf);
	return NULL;
}

static ssize_t read_full(int fd, unsigned char *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, buf + done, len - done);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

struct kp_elf *kp_elf_read(const char *path)
{
	struct kp_elf *elf = NULL;
	unsigned char *buf;
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		kp_err("%s: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (size_t)st.st_size > MAX_FILE) {
		kp_err("%s: not an object file", path);
		goto close_fd;
	}
	buf = malloc((size_t)st.st_size + 1);
	if (!buf || read_full(fd, buf, (size_t)st.st_size) != st.st_size)
		kp_err("%s: cannot be read: %s", path, strerror(errno));
	else
		elf = kp_elf_read_mem(path, buf, (size_t)st.st_size);
	free(buf);
close_fd:
	close(fd);
	return elf;
}

/* ---- writing ---- */

/* A growing string table; offset 0 is the empty string. */
struct strtab {
	char *buf;
	size_t len, cap;
};

struct writer {
	Elf *e;
	struct kp_elf *elf;
	struct strtab names, shnames;
	Elf64_Sym *syms;
	size_t nsyms, nlocal, symtab;
};

static size_t strtab_add(struct writer *w, struct strtab *t, const char *s)
{
	size_t len = strlen(s) + 1, at = t->len;

	if (!*s)
		return 0;
	if (t->len + len > t->cap) {
		size_t cap = (t->len + len) * 2;
		char *buf = kp_alloc(&w->elf->arena, cap);

		if (t->len)
			memcpy(buf, t->buf, t->len);
		t->buf = buf;
		t->cap = cap;
	}
	memcpy(t->buf + at, s, len);
	t->len += len;
	return at;
}

static size_t scn_name(struct writer *w, const char *name)
{
	return strtab_add(w, &w->shnames, name);
}

static Elf_Scn *add_scn(struct writer *w, size_t name, GElf_Shdr *sh,
			void *buf, size_t size, Elf_Type type)
{
	Elf_Scn *scn = elf_newscn(w->e);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;

	if (!data)
		return NULL;
	data->d_buf = buf;
	data->d_size = size;
	data->d_type = type;
	data->d_align = sh->sh_addralign ? sh->sh_addralign : 1;
	sh->sh_name = name;
	sh->sh_size = size;
	return gelf_update_shdr(scn, sh) ? scn : NULL;
}

static int write_sections(struct writer *w)
{
	struct kp_section *sec;

	kp_for_each_section(w->elf, sec) {
		GElf_Shdr sh = {
			.sh_type = sec->type,
			.sh_flags = sec->flags,
			.sh_addralign = sec->align,
			.sh_entsize = sec->entsize,
		};
		Elf_Scn *scn;

		if (sec->rela_target)
			continue;
		scn = add_scn(w, scn_name(w, sec->name), &sh, sec->data, sec->size, ELF_T_BYTE);
		if (!scn)
			return -KP_ERROR;
		sec->index = elf_ndxscn(scn);
	}
	return 0;
}

static void put_symbol(struct writer *w, struct kp_symbol *s)
{
	Elf64_Sym *es = &w->syms[w->nsyms];

	es->st_name = s->type == STT_SECTION ? 0 : strtab_add(w, &w->names, s->name);
	es->st_info = ELF64_ST_INFO(s->bind, s->type);
	es->st_other = s->other;
	es->st_shndx = s->sec ? s->sec->index : s->shndx;
	es->st_value = s->value;
	es->st_size = s->size;
	s->index = w->nsyms++;
}

static int write_symbols(struct writer *w)
{
	struct strtab *t = &w->names;
	GElf_Shdr sh = {
		.sh_type = SHT_SYMTAB, .sh_addralign = 8,
		.sh_entsize = sizeof(Elf64_Sym),
	};
	GElf_Shdr str = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	struct kp_symbol *s;
	Elf_Scn *scn;

	w->syms = kp_alloc(&w->elf->arena, (w->elf->syms.n + 1) * sizeof(*w->syms));
	w->nsyms = 1;
	kp_for_each_symbol(w->elf, s)
		if (s->bind == STB_LOCAL)
			put_symbol(w, s);
	w->nlocal = w->nsyms;
	kp_for_each_symbol(w->elf, s)
		if (s->bind != STB_LOCAL)
			put_symbol(w, s);
	scn = add_scn(w, scn_name(w, ".strtab"), &str, t->buf, t->len, ELF_T_BYTE);
	if (!scn)
		return -KP_ERROR;
	sh.sh_link = elf_ndxscn(scn);
	sh.sh_info = w->nlocal;
	scn = add_scn(w, scn_name(w, ".symtab"), &sh, w->syms,
		      w->nsyms * sizeof(*w->syms), ELF_T_SYM);
	if (!scn)
		return -KP_ERROR;
	w->symtab = elf_ndxscn(scn);
	return 0;
}

static int write_relas_of(struct writer *w, struct kp_section *sec)
{
	struct kp_section *target = sec->rela_target ? sec->rela_target : sec;
	Elf64_Rela *v = kp_alloc(&w->elf->arena, (sec->relas.n + 1) * sizeof(*v));
	GElf_Shdr sh = {
		.sh_type = SHT_RELA, .sh_flags = SHF_INFO_LINK, .sh_addralign = 8,
		.sh_entsize = sizeof(*v), .sh_link = w->symtab,
		.sh_info = target->index,
	};
	const char *name = sec->name;
	size_t n = 0;

	if (sec->rela_target)
		sh.sh_flags = sec->flags;
	else
		name = kp_sprintf(&w->elf->arena, ".rela%s", sec->name);
	kp_for_each_rela(sec, rela) {
		v[n].r_offset = rela->offset;
		v[n].r_info = ELF64_R_INFO((uint64_t)rela->sym->index, rela->type);
		v[n++].r_addend = rela->addend;
	}
	return add_scn(w, scn_name(w, name), &sh, v, n * sizeof(*v), ELF_T_RELA) ?
	       0 : -KP_ERROR;
}

static int write_rest(struct writer *w)
{
	GElf_Shdr sh = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	struct kp_section *sec;
	Elf_Scn *scn;
	GElf_Ehdr eh;
	size_t name;

	kp_for_each_section(w->elf, sec)
		if (sec->relas.n && write_relas_of(w, sec))
			return -KP_ERROR;
	kp_for_each_section(w->elf, sec) {
		GElf_Shdr cur;

		scn = sec->link ? elf_getscn(w->e, sec->index) : NULL;
		if (scn && gelf_getshdr(scn, &cur)) {
			cur.sh_link = sec->link->index;
			gelf_update_shdr(scn, &cur);
		}
	}
	name = scn_name(w, ".shstrtab");	/* the last one: the table is complete */
	scn = add_scn(w, name, &sh, w->shnames.buf, w->shnames.len, ELF_T_BYTE);
	if (!scn || !gelf_getehdr(w->e, &eh))
		return -KP_ERROR;
	eh.e_shstrndx = elf_ndxscn(scn);
	eh.e_type = ET_REL;
	eh.e_machine = EM_X86_64;
	eh.e_version = EV_CURRENT;
	return gelf_update_ehdr(w->e, &eh) ? 0 : -KP_ERROR;
}

static int dangling(const struct kp_section *sec, const char *what)
{
	return kp_err("%s: %s refers to %s, which is no longer there; the object is damaged",
		      sec->elf->name, sec->name, what);
}

/* Symbols and sections may have been taken out, but nothing may refer to them. */
static int check_refs(struct kp_elf *elf)
{
	struct kp_section *sec;
	struct kp_symbol *s;

	kp_for_each_section(elf, sec) {
		kp_for_each_rela(sec, rela)
			rela->sym->index = 0;
		if (sec->link)
			sec->link->index = 0;
		if (sec->rela_target)
			sec->rela_target->index = 0;
	}
	kp_for_each_symbol(elf, s)
		if (s->sec)
			s->sec->index = 0;
	kp_for_each_section(elf, sec)
		sec->index = 1;
	kp_for_each_symbol(elf, s) {
		s->index = 1;
		if (s->sec && !s->sec->index)
			return kp_err("%s: the symbol %s is in a section that is no longer there; the object is damaged",
				      elf->name, s->name);
	}
	kp_for_each_section(elf, sec) {
		kp_for_each_rela(sec, rela)
			if (!rela->sym->index)
				return dangling(sec, rela->sym->name);
		if (sec->link && !sec->link->index)
			return dangling(sec, sec->link->name);
		if (sec->rela_target && !sec->rela_target->index)
			return dangling(sec, sec->rela_target->name);
	}
	return 0;
}

static int write_fd(struct kp_elf *elf, int fd)
{
	struct writer w = { .elf = elf };
	int ret = -KP_ERROR;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -KP_ERROR;
	w.names.len = w.shnames.len = 1;
	w.names.cap = w.shnames.cap = 64;
	w.names.buf = kp_alloc(&elf->arena, 64);
	w.shnames.buf = kp_alloc(&elf->arena, 64);
	w.e = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!w.e || !gelf_newehdr(w.e, ELFCLASS64))
		goto end;
	if (write_sections(&w) || write_symbols(&w) || write_rest(&w))
		goto end;
	ret = elf_update(w.e, ELF_C_WRITE) < 0 ? -KP_ERROR : 0;
end:
	if (ret)
		kp_err("%s: %s", elf->name, elf_errmsg(-1));
	if (w.e)
		elf_end(w.e);
	return ret;
}

int kp_elf_write(struct kp_elf *elf, const char *path)
{
	char *tmp = kp_sprintf(&elf->arena, "%s.tmp%ld", path, (long)getpid());
	int fd, ret;

	if (check_refs(elf))
		return -KP_ERROR;
	fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return kp_err("%s: %s", tmp, strerror(errno));
	ret = write_fd(elf, fd);
	if (close(fd) && !ret)
		ret = kp_err("%s: %s", tmp, strerror(errno));
	if (!ret && rename(tmp, path))
		ret = kp_err("%s: %s", path, strerror(errno));
	if (ret)
		unlink(tmp);
	return ret;
}
