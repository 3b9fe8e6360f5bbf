// SPDX-License-Identifier: GPL-2.0
/*
 * A function that moved in its file changes where it passes __LINE__ on. That
 * is no change: it would only make patches bigger. Recognised is
 * "mov $line, %reg" in front of a call of a function known to take a line.
 */
#include <string.h>

#include "diff.h"

#define MIN_LINE	16	/* a licence and includes come first */
#define MAX_LINE	200000
#define CALL_WINDOW	64	/* bytes between the mov and its call */

/* Argument registers by their number in the instruction. */
enum { CX = 1 << 1, DX = 1 << 2, SI = 1 << 6, DI = 1 << 7, R8 = 1 << 8, R9 = 1 << 9 };

/*
 * Functions, and in which argument they get the line: no other argument of
 * theirs may ever stand here, or its change is lost. A printk is believed only
 * if it also gets the name of a source file or __func__, and prints ":%d".
 */
static const struct taker {
	const char *name;
	unsigned int regs;
	bool needs_place;
} takers[] = {
	{ "warn_slowpath_fmt", SI, false },
	{ "warn_slowpath_null", SI, false },
	{ "__might_sleep", SI, false },
	{ "___might_sleep", SI, false },
	{ "__might_resched", SI, false },
	{ "__might_fault", SI, false },
	{ "__cant_sleep", SI, false },
	{ "__cant_migrate", SI, false },
	{ "lockdep_rcu_suspicious", SI, false },
	{ "btrfs_assertfail", DX, false },
	{ "__btrfs_handle_fs_error", DX, false },
	{ "__btrfs_abort_transaction", DX, false },
	{ "__ext4_error", DX, false },
	{ "__ext4_error_inode", DX, false },
	{ "__ext4_error_file", DX, false },
	{ "__ext4_std_error", DX, false },
	{ "__ext4_warning", DX, false },
	{ "__ext4_warning_inode", DX, false },
	{ "__ext4_grp_locked_error", SI, false },
	{ "__ext4_mark_inode_dirty", CX, false },
	{ "__ext4_iget", R8, false },
	{ "__ext4_forget", SI, false },
	{ "__ext4_check_dir_entry", SI, false },
	{ "__ext4_ext_dirty", SI, false },
	{ "__ext4_handle_dirty_metadata", SI, false },
	{ "__ext4_handle_dirty_super", SI, false },
	{ "__ext4_journal_get_write_access", SI, false },
	{ "__ext4_journal_get_create_access", SI, false },
	{ "__ext4_journal_start_reserved", SI, false },
	{ "__ext4_journal_stop", SI, false },
	/* DX since 6.3; before it is a type in there, of less than MIN_LINE */
	{ "__ext4_journal_start_sb", SI | DX, false },
	{ "__warn_printk", DX | CX | R8, true },
	{ "_printk", DX | CX | R8, true },
	{ "printk", DX | CX | R8, true },
};

static const struct taker *find_taker(const char *name)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (!strcmp(name, takers[i].name))
			return &takers[i];
	return NULL;
}

static uint32_t load32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool is_line(uint32_t n)
{
	return n >= MIN_LINE && n <= MAX_LINE;
}

/* Bit of the register if the 4 bytes at @p are the immediate of "mov $imm32, %reg", or 0. */
static unsigned int mov_register(const unsigned char *p, uint64_t room)
{
	unsigned int r;

	if (room < 1 || p[-1] < 0xb8 || p[-1] > 0xbf)
		return 0;
	r = p[-1] & 7;
	if (r < 2 && room >= 2 && p[-2] == 0x41)
		r += 8;
	return 1U << r;
}

/* A string of @n bytes with its end that says "here comes a line". */
static bool prints_line(const unsigned char *s, size_t n)
{
	for (size_t i = 0; i + 2 < n; i++)
		if (s[i] == ':' && s[i + 1] == '%' &&
		    (s[i + 2] == 'd' || s[i + 2] == 'i' || s[i + 2] == 'u'))
			return true;
	return false;
}

/* "net/core/dev.c" or __func__, for a format that prints a line behind it */
static bool names_place(const struct kp_side *side, const struct kp_elem *e,
			uint64_t from, uint64_t to)
{
	bool place = false, line = false;

	kp_for_relas_in(e->sec, from, to, rela) {
		struct kp_ref ref = kp_resolve(side, e->sec, rela);
		const unsigned char *s;
		size_t n;

		if (ref.elem && ref.elem->sym && kp_starts(ref.elem->sym->name, "__func__"))
			place = true;
		if (!ref.strsec)
			continue;
		s = ref.strsec->data + ref.off;
		n = kp_string_size(ref.strsec, ref.off);
		if (n > 3 && s[n - 3] == '.' && (s[n - 2] == 'c' || s[n - 2] == 'h'))
			place = true;
		line = line || prints_line(s, n);
	}
	return place && line;
}

/* The next call after @off takes a line number in one of the registers. */
static bool call_takes_line(const struct kp_side *side, const struct kp_elem *e,
			    uint64_t off, unsigned int reg)
{
	const struct taker *t;

	kp_for_relas_in(e->sec, off, off + CALL_WINDOW, rela) {
		unsigned char op = rela->offset ? e->sec->data[rela->offset - 1] : 0;

		if ((rela->type != R_X86_64_PLT32 && rela->type != R_X86_64_PC32) ||
		    (op != 0xe8 && op != 0xe9))
			continue;
		t = find_taker(rela->sym->name);
		if (!t || !(t->regs & reg))
			return false;
		return !t->needs_place ||
		       names_place(side, e, off < 32 ? 0 : off - 32, rela->offset);
	}
	return false;
}

/*
 * Covers the differing byte @i by a line number; returns the bytes to skip, or
 * 0. An unchanged function moves as a whole: all its lines by the same @delta.
 */
static uint64_t line_number_at(struct kp_diff *d, const struct kp_elem *a,
			       const struct kp_elem *b, uint64_t i, uint64_t size,
			       int64_t *delta)
{
	for (uint64_t back = 0; back < 4 && back <= i; back++) {
		uint64_t at = i - back;
		const unsigned char *p = a->sec->data + a->start + at;
		const unsigned char *q = b->sec->data + b->start + at;
		int64_t moved;

		if (at + 4 > size || !mov_register(p, at) ||
		    mov_register(p, at) != mov_register(q, at))
			continue;
		if (!is_line(load32(p)) || !is_line(load32(q)) ||
		    !call_takes_line(&d->patched, b, b->start + at + 4, mov_register(q, at)))
			continue;
		moved = (int64_t)load32(q) - load32(p);
		if (*delta && moved != *delta)
			return 0;
		*delta = moved;
		return 4 - back;
	}
	return 0;
}

bool kp_lines_only(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b)
{
	uint64_t size = a->end - a->start, skip;
	int64_t delta = 0;
	unsigned char *mask = kp_alloc(&d->arena, size + 1);

	if (!a->sec->data || !b->sec->data)
		return false;
	for (uint64_t i = 0; i < size; i += skip ? skip : 1) {
		skip = 0;
		if (a->sec->data[a->start + i] == b->sec->data[b->start + i])
			continue;
		skip = line_number_at(d, a, b, i, size, &delta);
		if (!skip)
			return false;
		memset(mask + i, 1, skip);
	}
	return kp_same_range(d, a->sec, a->start, b->sec, b->start, size, mask);
}
