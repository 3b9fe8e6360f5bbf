/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was shipped: a kernel image or a module as bytes by address.
 *
 * A vmlinuz is unpacked, a vmlinux is taken as it is.  A module has no
 * addresses yet, so it is laid out and relocated as the kernel's loader would
 * do it, at addresses of our own; each import gets an address of its own.
 * The rest of the tool sees no difference.
 */
#ifndef KP_IMAGE_H
#define KP_IMAGE_H

#include "symtab.h"

struct region {
	uint64_t addr;
	uint64_t size;		/* in memory; data.n may be less (bss) */
	struct bytes data;
	bool exec;
	const char *name;
};

struct kimage {
	char *path;
	bool module;
	struct region *reg;	/* by address */
	size_t nreg;
	struct symtab syms;
	char build_id[2 * 64 + 1];	/* hex, or empty */
	char release[128];	/* of a kernel: from its banner; or empty */
	char banner[512];

	/* owners of what the regions point into */
	struct membuf elf;
	struct kp_elf *ko;
};

/* NULL after one sentence on stderr. */
struct kimage *kimage_open(const char *path);
/* The same from memory; takes over buf (malloc'ed by membuf). */
struct kimage *kimage_from(const char *path, struct membuf *buf);
void kimage_close(struct kimage *img);

/* the region that holds addr, or NULL */
const struct region *kimage_region(const struct kimage *img, uint64_t addr);
/* len bytes at addr; false when not all of them are in the file */
bool kimage_bytes(const struct kimage *img, uint64_t addr, uint64_t len,
		  struct bytes *out);

/* fill in img->build_id: the note of that type that "GNU" owns, as hex */
void kimage_build_id(struct kimage *img, const struct bytes *notes);

/* image_ko.c: lay out and relocate the module in img->elf */
int kimage_load_module(struct kimage *img);

/*
 * Room for an array by symbol index.  A relocation may name a symbol of a
 * section that was left out, which no list of symbols has.
 */
struct kp_elf;
size_t kimage_symbol_slots(struct kp_elf *elf);

#endif
