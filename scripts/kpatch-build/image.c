// SPDX-License-Identifier: GPL-2.0
/*
 * Open a vmlinuz, a vmlinux or a module (compressed or not).
 *
 * Only program headers, section headers and one symbol table of a linked
 * kernel are needed: they are read here, from bounded bytes.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "elf_io.h"
#include "image.h"
#include "kallsyms.h"
#include "log.h"
#include "payload.h"

#define MAX_WRAPPINGS	3

static int cmp_region(const void *va, const void *vb)
{
	const struct region *a = va, *b = vb;

	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

const struct region *kimage_region(const struct kimage *img, uint64_t addr)
{
	size_t i;

	for (i = 0; i < img->nreg; i++)
		if (addr >= img->reg[i].addr &&
		    addr - img->reg[i].addr < img->reg[i].size)
			return &img->reg[i];
	return NULL;
}

bool kimage_bytes(const struct kimage *img, uint64_t addr, uint64_t len,
		  struct bytes *out)
{
	const struct region *r = kimage_region(img, addr);

	return r && bytes_sub(&r->data, addr - r->addr, len, out);
}

/* Take off bzImage and compression until an ELF file is left. */
static int unwrap(struct kimage *img, struct membuf *buf)
{
	int i, ret;

	for (i = 0; i <= MAX_WRAPPINGS; i++) {
		struct bytes in = { buf->p, buf->n };
		struct membuf out = { .limit = PAYLOAD_LIMIT };

		if (in.n > EI_NIDENT && !memcmp(in.p, ELFMAG, SELFMAG)) {
			img->elf = *buf;
			memset(buf, 0, sizeof(*buf));
			return 0;
		}
		ret = payload_find(in, &in);
		if (ret >= 0)
			ret = payload_unpack(in, &out);
		if (ret < 0) {
			membuf_free(&out);
			return kp_err("%s: damaged: cannot be unpacked",
				      img->path);
		}
		if (!ret)
			break;
		membuf_free(buf);
		*buf = out;
	}
	return kp_err("%s: neither a bzImage, a vmlinux nor a module (or packed in an unknown way)",
		      img->path);
}

static bool elf_header(const struct kimage *img, Elf64_Ehdr *eh)
{
	if (img->elf.n < sizeof(*eh))
		return false;
	memcpy(eh, img->elf.p, sizeof(*eh));
	return eh->e_ident[EI_CLASS] == ELFCLASS64 &&
	       eh->e_ident[EI_DATA] == ELFDATA2LSB &&
	       eh->e_machine == EM_X86_64;
}

static bool section(const struct kimage *img, const Elf64_Ehdr *eh,
		    unsigned int i, Elf64_Shdr *sh)
{
	struct bytes b = { img->elf.p, img->elf.n };
	uint64_t off = eh->e_shoff + (uint64_t)i * sizeof(*sh);

	if (i >= eh->e_shnum || eh->e_shentsize != sizeof(*sh) ||
	    !bytes_has(&b, eh->e_shoff, 0) || !bytes_has(&b, off, sizeof(*sh)))
		return false;
	memcpy(sh, b.p + off, sizeof(*sh));
	return true;
}

static const char *section_name(const struct kimage *img, const Elf64_Ehdr *eh,
				const Elf64_Shdr *sh)
{
	struct bytes b = { img->elf.p, img->elf.n }, strs;
	const char *name = NULL;
	Elf64_Shdr str;

	if (section(img, eh, eh->e_shstrndx, &str) &&
	    bytes_sub(&b, str.sh_offset, str.sh_size, &strs))
		name = bytes_str(&strs, sh->sh_name);
	return name ? name : "?";
}

static int add_region(struct kimage *img, uint64_t addr, uint64_t size,
		      struct bytes data, bool exec, const char *name)
{
	struct region *r;

	if (!size || addr + size < addr)
		return 0;
	r = realloc(img->reg, (img->nreg + 1) * sizeof(*r));
	if (!r)
		return kp_err("out of memory");
	img->reg = r;
	r += img->nreg++;
	*r = (struct region){ addr, size, data, exec, name };
	return 0;
}

static int regions_of_sections(struct kimage *img, const Elf64_Ehdr *eh)
{
	struct bytes b = { img->elf.p, img->elf.n };
	unsigned int i;
	Elf64_Shdr sh;

	for (i = 1; section(img, eh, i, &sh); i++) {
		struct bytes data = { NULL, 0 };

		if (!(sh.sh_flags & SHF_ALLOC))
			continue;
		if (sh.sh_type != SHT_NOBITS &&
		    !bytes_sub(&b, sh.sh_offset, sh.sh_size, &data))
			return kp_err("%s: cut off: section %u lies outside the file",
				      img->path, i);
		if (add_region(img, sh.sh_addr, sh.sh_size, data,
			       sh.sh_flags & SHF_EXECINSTR,
			       section_name(img, eh, &sh)))
			return -1;
	}
	return 0;
}

static int segment(const struct kimage *img, const Elf64_Ehdr *eh,
		   unsigned int i, Elf64_Phdr *ph, struct bytes *data)
{
	struct bytes b = { img->elf.p, img->elf.n };
	uint64_t off = eh->e_phoff + (uint64_t)i * sizeof(*ph);

	if (eh->e_phentsize != sizeof(*ph) || !bytes_has(&b, off, sizeof(*ph)))
		return kp_err("%s: damaged program headers", img->path);
	memcpy(ph, b.p + off, sizeof(*ph));
	if ((ph->p_type == PT_LOAD || ph->p_type == PT_NOTE) &&
	    !bytes_sub(&b, ph->p_offset, ph->p_filesz, data))
		return kp_err("%s: cut off: segment %u lies outside the file",
			      img->path, i);
	return 0;
}

static int regions_of_segments(struct kimage *img, const Elf64_Ehdr *eh)
{
	unsigned int i;

	for (i = 0; i < eh->e_phnum; i++) {
		struct bytes data;
		Elf64_Phdr ph;

		if (segment(img, eh, i, &ph, &data))
			return -1;
		if (ph.p_type != PT_LOAD)
			continue;
		if (add_region(img, ph.p_vaddr, ph.p_memsz, data,
			       ph.p_flags & PF_X, "segment"))
			return -1;
	}
	return 0;
}

void kimage_build_id(struct kimage *img, const struct bytes *notes)
{
	uint32_t name, len, type;
	uint64_t off = 0, at;
	size_t i;

	while (bytes_u32(notes, off, &name) &&
	       bytes_u32(notes, off + 4, &len) &&
	       bytes_u32(notes, off + 8, &type)) {
		at = off + 12 + ((uint64_t)name + 3) / 4 * 4;
		off = at + ((uint64_t)len + 3) / 4 * 4;
		if (type != NT_GNU_BUILD_ID || name != sizeof(ELF_NOTE_GNU) ||
		    len > (sizeof(img->build_id) - 1) / 2 ||
		    !bytes_has(notes, at, len) ||
		    memcmp(notes->p + at - 4, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)))
			continue;
		for (i = 0; i < len; i++)
			sprintf(img->build_id + 2 * i, "%02x",
				notes->p[at + i]);
		return;
	}
}

/*
 * Only where the headers say that notes are: the images of the vDSO, which lie
 * in the kernel's data, have notes and a build-id of their own.
 */
static int find_build_id(struct kimage *img, const Elf64_Ehdr *eh)
{
	struct bytes data;
	unsigned int i;
	Elf64_Phdr ph;

	for (i = 0; i < eh->e_phnum && !img->build_id[0]; i++) {
		if (segment(img, eh, i, &ph, &data))
			return -1;
		if (ph.p_type == PT_NOTE)
			kimage_build_id(img, &data);
	}
	return 0;
}

static void find_banner(struct kimage *img, const struct region *r)
{
	static const char start[] = "Linux version ";
	const uint8_t *p = r->data.p, *end;
	size_t n;

	if (!p)
		return;
	end = p + r->data.n;
	while ((p = memmem(p, (size_t)(end - p), start,
				sizeof(start) - 1))) {
		n = strnlen((const char *)p, (size_t)(end - p));
		/* "Linux version %s" is a format, not the banner */
		if (n > sizeof(start) && p[sizeof(start) - 1] != '%' &&
		    n < sizeof(img->banner)) {
			memcpy(img->banner, p, n);
			img->banner[strcspn(img->banner, "\n")] = 0;
			sscanf(img->banner, "Linux version %127s",
			       img->release);
			return;
		}
		p += sizeof(start) - 1;
	}
}

static char nm_type(const Elf64_Sym *s)
{
	bool global = ELF64_ST_BIND(s->st_info) != STB_LOCAL;
	bool func = ELF64_ST_TYPE(s->st_info) == STT_FUNC;

	if (ELF64_ST_BIND(s->st_info) == STB_WEAK)
		return func ? 'W' : 'V';
	if (func)
		return global ? 'T' : 't';
	return global ? 'D' : 'd';
}

/* a vmlinux that still has its .symtab */
static int read_symtab(struct kimage *img, const Elf64_Ehdr *eh)
{
	struct bytes b = { img->elf.p, img->elf.n }, syms, strs;
	Elf64_Shdr sh, link;
	unsigned int i;
	uint64_t k;

	for (i = 1; section(img, eh, i, &sh); i++)
		if (sh.sh_type == SHT_SYMTAB)
			break;
	if (!section(img, eh, i, &sh))
		return 0;
	if (!section(img, eh, sh.sh_link, &link) ||
	    !bytes_sub(&b, sh.sh_offset, sh.sh_size, &syms) ||
	    !bytes_sub(&b, link.sh_offset, link.sh_size, &strs))
		return kp_err("%s: damaged symbol table", img->path);
	for (k = 1; bytes_has(&syms, k * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
	     k++) {
		const char *name;
		Elf64_Sym s;

		memcpy(&s, syms.p + k * sizeof(s), sizeof(s));
		name = bytes_str(&strs, s.st_name);
		if (!name || !*name || s.st_shndx == SHN_UNDEF ||
		    ELF64_ST_TYPE(s.st_info) >= STT_SECTION ||
		    !strncmp(name, ".L", 2))
			continue;
		if (!symtab_add(&img->syms, s.st_value, s.st_size, nm_type(&s),
				false, name, strlen(name)))
			return kp_err("out of memory");
	}
	return 0;
}

static int load_kernel(struct kimage *img, const Elf64_Ehdr *eh)
{
	struct symtab kall;
	size_t i;
	int ret = 0;

	if (eh->e_shnum ? regions_of_sections(img, eh) :
			  regions_of_segments(img, eh))
		return -1;
	if (find_build_id(img, eh))
		return -1;
	if (!img->nreg)
		return kp_err("%s: has nothing to load", img->path);
	qsort(img->reg, img->nreg, sizeof(*img->reg), cmp_region);
	symtab_init(&kall);
	for (i = 0; i < img->nreg; i++) {
		const struct region *r = &img->reg[i];

		if (!img->banner[0])
			find_banner(img, r);
		/* what the running kernel will search comes first */
		if (!ret && r->data.n > 4096)
			ret = kallsyms_read(r->data, r->addr, &kall);
	}
	if (ret < 0)
		return kp_err("out of memory");
	if (ret > 0) {
		img->syms = kall;
		return 0;
	}
	symtab_free(&kall);
	if (read_symtab(img, eh))
		return -1;
	if (!img->syms.n)
		return kp_err("%s: no kallsyms table found in the image and no symbol table (is CONFIG_KALLSYMS off?)",
			      img->path);
	return 0;
}

struct kimage *kimage_from(const char *path, struct membuf *buf)
{
	struct kimage *img = calloc(1, sizeof(*img));
	Elf64_Ehdr eh;
	int ret;

	if (!img || !(img->path = strdup(path))) {
		kp_err("out of memory");
		free(img);
		return NULL;
	}
	symtab_init(&img->syms);
	ret = unwrap(img, buf);
	if (!ret && !elf_header(img, &eh))
		ret = kp_err("%s: not an x86-64 ELF file", path);
	if (!ret)
		ret = eh.e_type == ET_REL ? kimage_load_module(img) :
					    load_kernel(img, &eh);
	if (!ret && !symtab_finish(&img->syms))
		ret = kp_err("out of memory");
	membuf_free(buf);
	if (!ret)
		return img;
	kimage_close(img);
	return NULL;
}

struct kimage *kimage_open(const char *path)
{
	struct membuf buf = { .limit = PAYLOAD_LIMIT };

	if (bytes_read_file(path, &buf)) {
		membuf_free(&buf);
		return NULL;
	}
	return kimage_from(path, &buf);
}

void kimage_close(struct kimage *img)
{
	if (!img)
		return;
	if (img->ko)
		kp_elf_free(img->ko);
	membuf_free(&img->elf);
	symtab_free(&img->syms);
	free(img->reg);
	free(img->path);
	free(img);
}
