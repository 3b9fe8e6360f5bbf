/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Relocatable ELF objects (x86-64) as plain structs. elf_io.c is the only file
 * that calls libelf; everything else works on these.
 *
 * The reader checks whatever later passes rely on: every name is a terminated
 * string, every index refers to something that exists, every relocation lies
 * within its section. Debug sections (and their relocations) are left out.
 */
#ifndef KP_ELF_IO_H
#define KP_ELF_IO_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"

#ifndef SHN_LIVEPATCH
#define SHN_LIVEPATCH		0xff20
#endif
#ifndef SHF_RELA_LIVEPATCH
#define SHF_RELA_LIVEPATCH	0x00100000
#endif

struct kp_elf;
struct kp_elem;			/* diff.h */

struct kp_rela {
	uint64_t offset;	/* in the section it applies to */
	uint32_t type;		/* R_X86_64_* */
	struct kp_symbol *sym;
	int64_t addend;

	/* the diff's own, where the code has been read (branch.c) */
	unsigned int tail;	/* from here to the end of the instruction */
	bool branch;		/* of a jump or call */
};

struct kp_section {
	struct kp_elf *elf;
	unsigned int index;	/* in the file; 0: made by a tool */
	char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t align;
	uint64_t entsize;
	unsigned char *data;	/* NULL for SHT_NOBITS */
	size_t size;
	struct kp_section *link;	/* SHF_LINK_ORDER, or NULL */
	struct {			/* ordinary relocations, by offset */
		struct kp_rela *v;
		size_t n, cap;
	} relas;
	struct kp_section *rela_target;	/* of a .klp.rela section: whose */
	struct kp_symbol *secsym;	/* its STT_SECTION symbol, or NULL */

	/* the diff's own */
	struct {
		struct kp_elem **v;
		size_t n, cap;
	} elems;			/* sorted by start */
	struct kp_section *twin;
};

struct kp_symbol {
	struct kp_elf *elf;
	unsigned int index;	/* in the file; set anew by kp_elf_write() */
	char *name;		/* of a section symbol: the section's */
	uint8_t type;		/* STT_* */
	uint8_t bind;		/* STB_* */
	uint8_t other;
	uint16_t shndx;		/* SHN_UNDEF, SHN_ABS, SHN_COMMON, SHN_LIVEPATCH if sec is NULL */
	struct kp_section *sec;
	uint64_t value;
	uint64_t size;

	/* the diff's own */
	struct kp_elem *elem;
	struct kp_symbol *twin;
	struct kp_symbol *out;	/* its copy in the output */
	const char *file;	/* STT_FILE in front of it */
};

struct kp_elf {
	struct kp_arena arena;	/* owns everything below */
	char *name;		/* path, for messages */
	struct {
		struct kp_section **v;
		size_t n, cap;
	} secs;
	struct {
		struct kp_symbol **v;
		size_t n, cap;
	} syms;
};

/* Read @path (ET_REL, x86-64). NULL after a message. */
struct kp_elf *kp_elf_read(const char *path);

/* The same from memory, for the fuzzer; @buf stays the caller's. */
struct kp_elf *kp_elf_read_mem(const char *name, const void *buf, size_t len);

/* An empty object to fill. */
struct kp_elf *kp_elf_new(const char *name);

struct kp_section *kp_section_new(struct kp_elf *elf, const char *name,
				  uint32_t type, uint64_t flags, uint64_t align);
struct kp_symbol *kp_symbol_new(struct kp_elf *elf, const char *name);

/* The section's STT_SECTION symbol, made if there is none. */
struct kp_symbol *kp_section_symbol(struct kp_section *sec);

/* Append @len bytes (zeros if @p is NULL) at the next multiple of @align; returns where. */
size_t kp_section_append(struct kp_section *sec, const void *p, size_t len, size_t align);

void kp_rela_add(struct kp_section *sec, uint64_t offset, uint32_t type,
		 struct kp_symbol *sym, int64_t addend);

/* Writes to a temporary file beside @path, then renames. 0 or -KP_ERROR after a message. */
int kp_elf_write(struct kp_elf *elf, const char *path);

void kp_elf_free(struct kp_elf *elf);

struct kp_section *kp_find_section(struct kp_elf *elf, const char *name);
struct kp_symbol *kp_find_symbol(struct kp_elf *elf, const char *name);

/* The first relocation at @off or behind: they are in order as read. */
struct kp_rela *kp_first_rela(const struct kp_section *sec, uint64_t off);

/* How many bytes a relocation of this type writes; 0: unknown type. */
unsigned int kp_rela_width(uint32_t type);

/*
 * An entry of __jump_table: code, target, key; s32, s32 and s64, each relative
 * to its place; on older kernels three addresses.
 */
static inline unsigned int kp_jump_entry_size(const struct kp_section *table)
{
	return table->relas.n && table->relas.v[0].type == R_X86_64_64 ? 24 : 16;
}

static inline bool kp_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

#define kp_for_each_section(elf, sec) \
	for (size_t sec##_i = 0; sec##_i < (elf)->secs.n && \
	     ((sec) = (elf)->secs.v[sec##_i], 1); sec##_i++)
#define kp_for_each_symbol(elf, sym) \
	for (size_t sym##_i = 0; sym##_i < (elf)->syms.n && \
	     ((sym) = (elf)->syms.v[sym##_i], 1); sym##_i++)
#define kp_for_each_rela(sec, rela) \
	for (struct kp_rela *rela = (sec)->relas.v; \
	     rela < (sec)->relas.v + (sec)->relas.n; rela++)
/* Those of [from, to) of a section. */
#define kp_for_relas_in(sec, from, to, rela)				\
	for (struct kp_rela *rela = kp_first_rela(sec, from);		\
	     rela < (sec)->relas.v + (sec)->relas.n &&			\
	     rela->offset < (to); rela++)

#endif
