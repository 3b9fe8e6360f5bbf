// SPDX-License-Identifier: GPL-2.0
/*
 * A function that moved in its file changes where it passes __LINE__ on. That
 * is no change: it would only make patches bigger. Recognised is
 * "mov $line, %reg" in front of a call of a function known to take a line.
 */
#include <string.h>

#include "diff.h"

#define MAX_LINE	200000
#define CALL_WINDOW	48	/* bytes between the mov and its call */

static const char * const line_takers[] = {
	"warn_slowpath_fmt", "warn_slowpath_null", "__warn_printk", "__might_sleep",
	"___might_sleep", "__might_resched", "__might_fault", "__cant_sleep",
	"__cant_migrate", "lockdep_rcu_suspicious", "btrfs_assertfail", "__ext4_",
	"__btrfs_handle_fs_error", "_btrfs_abort_transaction", "assfail",
	"__bch2_", "rtnl_lock_assert", "__drm_dev_dbg", "___ratelimit_line", NULL,
};

static bool takes_line(const char *name)
{
	for (int i = 0; line_takers[i]; i++)
		if (kp_starts(name, line_takers[i]))
			return true;
	return false;
}

static uint32_t load32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Does an immediate of "mov $imm32, %reg" start at @p? */
static bool is_mov_imm(const unsigned char *p, uint64_t room)
{
	if (room >= 1 && p[-1] >= 0xb8 && p[-1] <= 0xbf)
		return true;
	return room >= 2 && p[-2] == 0xc7 && (p[-1] & 0xf8) == 0xc0;
}

/* The call that follows @off takes a line number. */
static bool call_takes_line(const struct kp_elem *e, uint64_t off)
{
	kp_for_relas_in(e->sec, off, off + CALL_WINDOW, rela) {
		if (rela->type != R_X86_64_PLT32 && rela->type != R_X86_64_PC32)
			continue;
		if (rela->offset && e->sec->data[rela->offset - 1] == 0xe8)
			return takes_line(rela->sym->name);
	}
	return false;
}

/* Covers the differing byte @i by a line number; returns the bytes to skip, or 0. */
static uint64_t line_number_at(const struct kp_elem *a, const struct kp_elem *b,
			       uint64_t i, uint64_t size)
{
	for (uint64_t back = 0; back < 4 && back <= i; back++) {
		uint64_t at = i - back;
		const unsigned char *p = a->sec->data + a->start + at;
		const unsigned char *q = b->sec->data + b->start + at;

		if (at + 4 > size || !is_mov_imm(p, at) || memcmp(p - 1, q - 1, 1))
			continue;
		if (load32(p) - 1 < MAX_LINE && load32(q) - 1 < MAX_LINE &&
		    call_takes_line(b, b->start + at + 4))
			return 4 - back;
	}
	return 0;
}

bool kp_lines_only(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b)
{
	uint64_t size = a->end - a->start, skip;
	unsigned char *mask = kp_alloc(&d->arena, size + 1);

	if (!a->sec->data || !b->sec->data)
		return false;
	for (uint64_t i = 0; i < size; i += skip ? skip : 1) {
		skip = 0;
		if (a->sec->data[a->start + i] == b->sec->data[b->start + i])
			continue;
		skip = line_number_at(a, b, i, size);
		if (!skip)
			return false;
		memset(mask + i, 1, skip);
	}
	return kp_same_range(d, a->sec, a->start, b->sec, b->start, size, mask);
}
