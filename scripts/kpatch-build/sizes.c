// SPDX-License-Identifier: GPL-2.0
/*
 * How large is an entry of a special section? The kernel's own headers say:
 * sizes-probe.c is compiled in the kernel's tree and leaves pairs of section
 * name and size in its section .kpatch.sizes. Without that object the size is
 * what the few known layouts of a table leave open, or the smallest period of
 * its relocations: exact unless all fields are alike (then the parts of an
 * entry that are no code have no owner, see special.c), and for a single entry
 * the table's size.
 */
#include <string.h>

#include "diff.h"
#include "log.h"

#define NAME_LEN	28	/* as in sizes-probe.c */

struct record {
	char name[NAME_LEN];
	uint32_t size;
};

struct kp_sizes {
	struct {
		struct record *v;
		size_t n, cap;
	} rec;
};

struct kp_sizes *kp_sizes_read(struct kp_arena *a, const char *path)
{
	struct kp_sizes *sizes = kp_alloc(a, sizeof(*sizes));
	struct kp_elf *elf = kp_elf_read(path);
	struct kp_section *sec;

	if (!elf)
		return NULL;
	sec = kp_find_section(elf, ".kpatch.sizes");
	if (!sec || !sec->data || sec->size % sizeof(struct record)) {
		kp_err("%s: no table of entry sizes in it", path);
		kp_elf_free(elf);
		return NULL;
	}
	for (size_t off = 0; off < sec->size; off += sizeof(struct record)) {
		struct record r;

		memcpy(&r, sec->data + off, sizeof(r));
		r.name[NAME_LEN - 1] = '\0';
		if (r.size)
			kp_push(a, &sizes->rec, r);
	}
	kp_elf_free(elf);
	return sizes;
}

/* Tables of plain offsets or addresses, whatever the kernel. */
static unsigned int fixed_size(const char *name)
{
	static const struct { const char *name; unsigned int size; } fixed[] = {
		{ ".smp_locks", 4 }, { ".retpoline_sites", 4 }, { ".return_sites", 4 },
		{ ".call_sites", 4 }, { ".cfi_sites", 4 }, { ".kcfi_traps", 4 },
		{ ".ibt_endbr_seal", 4 }, { ".orc_unwind_ip", 4 },
		{ ".static_call_sites", 8 },	/* call, key */
		{ "__mcount_loc", 8 }, { "__patchable_function_entries", 8 },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!strcmp(name, fixed[i].name))
			return fixed[i].size;
	return 0;
}

/* Does every @p bytes the same pattern of relocations (offset and type) repeat? */
static bool is_period(const struct kp_section *sec, uint64_t p)
{
	struct kp_rela *v = sec->relas.v;
	size_t per = 0, n = sec->relas.n;

	while (per < n && v[per].offset < p)
		per++;
	if (!per || n % per || (sec->size + sec->align - 1) / p != n / per)
		return false;
	for (size_t i = per; i < n; i++)
		if (v[i].offset != v[i - per].offset + p || v[i].type != v[i - per].type)
			return false;
	return true;
}

/* All fields of this one may be alike, which looks like entries of a third. */
static unsigned int jump_entry_size(const struct kp_section *sec)
{
	return strcmp(sec->name, "__jump_table") ? 0 : kp_jump_entry_size(sec);
}

/*
 * Instruction, fixup, and since 4.6 the address of a handler, or since 5.16 a
 * type; 4 bytes each.
 */
static unsigned int ex_entry_size(const struct kp_section *sec)
{
	const struct kp_rela *third = kp_first_rela(sec, 8);

	if (strcmp(sec->name, "__ex_table"))
		return 0;
	if (sec->size < 12)
		return 8;
	if (third == sec->relas.v + sec->relas.n || third->offset >= 12)
		return 12;
	return kp_starts(third->sym->name, "ex_handler_") ? 12 : 8;
}

static unsigned int guess_size(const struct kp_section *sec)
{
	for (uint64_t p = 4; p < sec->size + sec->align && p <= 256; p++)
		if ((sec->size % p == 0 || sec->size % p + sec->align > p) &&
		    is_period(sec, p))
			return (unsigned int)p;
	return 0;
}

unsigned int kp_entry_size(const struct kp_sizes *sizes, const struct kp_section *sec,
			   bool *guessed)
{
	unsigned int size = fixed_size(sec->name);

	for (size_t i = 0; !size && sizes && i < sizes->rec.n; i++)
		if (!strcmp(sizes->rec.v[i].name, sec->name))
			size = sizes->rec.v[i].size;
	if (!size)
		size = jump_entry_size(sec);
	if (!size)
		size = ex_entry_size(sec);
	*guessed = !size;
	return size ? size : guess_size(sec);
}
