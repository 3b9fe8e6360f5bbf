// SPDX-License-Identifier: GPL-2.0
/*
 * Find and decode kallsyms in a kernel image that has no symbols.
 *
 * scripts/kallsyms.c of the kernel writes these tables, each aligned to 8 (the
 * newest: to 4):
 *
 *   names         one entry a symbol: length (a byte; from 6.2 two when it
 *                 is above 127), then that many token numbers
 *   markers       offset in names of every 256th symbol
 *   token_table   256 strings, what a token number stands for
 *   token_index   256 u16, where each string starts
 *   num_syms      right before names
 *   offsets       u32 a symbol (or u64 addresses in old kernels)
 *   relative_base what the offsets are relative to
 *
 * Up to 6.3 offsets and relative_base come before num_syms; later after
 * token_index; in the newest each offset is relative to its own place and
 * there is no base.  Nothing says where they are, but they prove one another:
 * token_index must describe token_table, walking names must meet every
 * marker, and the addresses must ascend.  What fails a proof is not taken.
 */
#include <stdlib.h>

#include "kallsyms.h"

#define TOKENS		256
#define PER_MARKER	256
#define NAME_MAX_LEN	1024
#define MAX_SYMS	(4u << 20)
#define MIN_MARKERS	4	/* fewer is any zero with something behind it */
#define MAX_TRIES	256	/* marker tables looked at before giving up */

struct tables {
	struct bytes b;
	uint64_t addr;		/* of b */
	uint64_t align;		/* of every table: 8 or 4 */
	uint64_t tok_table, tok_index;
	uint16_t tok[TOKENS];
	uint64_t markers, names;
	unsigned int marker_size;
	uint32_t num;
};

enum addr_kind { ABSOLUTE_64, RELATIVE, RELATIVE_PERCPU, PLACE_RELATIVE };

struct addr_table {
	enum addr_kind kind;
	uint64_t off;		/* of the first entry */
	uint64_t base;
};

static uint64_t align_up(const struct tables *k, uint64_t v)
{
	return (v + k->align - 1) & ~(k->align - 1);
}

static bool read_index(struct tables *k, uint64_t off)
{
	unsigned int i;

	for (i = 0; i < TOKENS; i++) {
		if (!bytes_u16(&k->b, off + i * 2, &k->tok[i]))
			return false;
		if (i ? k->tok[i] <= k->tok[i - 1] : k->tok[i] != 0)
			return false;
	}
	k->tok_index = off;
	return true;
}

/* Does a token table that fits the index start here? */
static bool table_fits(struct tables *k, uint64_t start)
{
	uint64_t end;
	const char *last;
	unsigned int i;

	for (i = 1; i < TOKENS; i++)
		if (k->b.p[start + k->tok[i] - 1])
			return false;
	for (i = 0; i < TOKENS; i++)
		if (strlen((const char *)k->b.p + start + k->tok[i]) + 1 >
		    (i < TOKENS - 1 ? (unsigned int)(k->tok[i + 1] - k->tok[i]) : 512u))
			return false;
	last = (const char *)k->b.p + start + k->tok[TOKENS - 1];
	end = start + k->tok[TOKENS - 1] + strlen(last) + 1;
	if (align_up(k, end) != k->tok_index || k->b.p[start + k->tok['_']] != '_')
		return false;
	k->tok_table = start;
	return true;
}

static bool find_tokens(struct tables *k, uint64_t from)
{
	uint64_t off, start, tries;

	for (off = from; bytes_has(&k->b, off, TOKENS * 2);
	     off += k->align) {
		/* quick look first: 0, then a small step */
		if (k->b.p[off] || k->b.p[off + 1] || k->b.p[off + 3] ||
		    !k->b.p[off + 2] || !read_index(k, off))
			continue;
		if (off < k->tok[TOKENS - 1] + 8u)
			continue;
		start = (off - k->tok[TOKENS - 1] - 1) & ~(k->align - 1);
		for (tries = 0; tries < 128 && start >= 8;
		     tries++, start -= k->align)
			if (table_fits(k, start))
				return true;
	}
	return false;
}

static bool read_marker(const struct tables *k, uint64_t i, uint64_t *v)
{
	uint32_t v32;

	if (k->marker_size == 8)
		return bytes_u64(&k->b, k->markers + i * 8, v);
	if (!bytes_u32(&k->b, k->markers + i * 4, &v32))
		return false;
	*v = v32;
	return true;
}

/* how many entries of an ascending marker table start at k->markers */
static uint64_t marker_run(const struct tables *k)
{
	uint64_t i, v, last = 0;

	for (i = 0; k->markers + i * k->marker_size < k->tok_table; i++) {
		if (!read_marker(k, i, &v))
			break;
		if (i ? v < last + 2 * PER_MARKER ||
			v > last + (uint64_t)NAME_MAX_LEN * PER_MARKER : v != 0)
			break;
		last = v;
	}
	return i;
}

/* Read the length of the name at *off and step over it; 0: damaged. */
static unsigned int name_len(const struct tables *k, uint64_t *off)
{
	unsigned int len;

	if (!bytes_has(&k->b, *off, 2))
		return 0;
	len = k->b.p[(*off)++];
	if (len & 0x80)
		len = (len & 0x7f) | (unsigned int)k->b.p[(*off)++] << 7;
	return len < NAME_MAX_LEN && bytes_has(&k->b, *off, len) ? len : 0;
}

/* Walk names up to symbol `upto`; every marker on the way must be met. */
static bool walk_meets_markers(const struct tables *k, uint32_t upto)
{
	uint64_t off = k->names, v;
	uint32_t i;
	unsigned int len;

	for (i = 0; i < upto; i++) {
		if (i % PER_MARKER == 0 &&
		    (!read_marker(k, i / PER_MARKER, &v) ||
		     v != off - k->names))
			return false;
		len = name_len(k, &off);
		if (!len)
			return false;
		off += len;
	}
	return off <= k->markers;
}

/* markers are known: find num_syms and names in front of them */
static bool find_names(struct tables *k, uint64_t run)
{
	uint64_t off, lowest;
	uint32_t num, need;

	lowest = k->markers > ((uint64_t)64 << 20) ?
		 k->markers - ((uint64_t)64 << 20) : 8;
	for (off = k->markers; off >= lowest; off -= k->align) {
		if (!bytes_u32(&k->b, off - k->align, &num) || num < 2 ||
		    num > MAX_SYMS)
			continue;
		need = (num + PER_MARKER - 1) / PER_MARKER;
		if (need > run || run - need > 2)
			continue;
		k->names = off;
		k->num = num;
		if (walk_meets_markers(k, num < 600 ? num : 600) &&
		    walk_meets_markers(k, num))
			return true;
	}
	return false;
}

static bool find_markers(struct tables *k)
{
	uint64_t lowest = k->tok_table > ((uint64_t)32 << 20) ?
			  k->tok_table - ((uint64_t)32 << 20) : 8;
	unsigned int tries = 0;
	uint64_t run;
	uint32_t v;

	for (k->markers = k->tok_table - k->align; k->markers >= lowest;
	     k->markers -= k->align) {
		if (!bytes_u32(&k->b, k->markers, &v) || v)
			continue;
		for (k->marker_size = 4; k->marker_size <= 8;
		     k->marker_size += 4) {
			run = marker_run(k);
			if (run < MIN_MARKERS)
				continue;
			if (find_names(k, run))
				return true;
			if (++tries == MAX_TRIES)
				return false;
		}
	}
	return false;
}

static bool read_addr(const struct tables *k, const struct addr_table *a,
		      uint32_t i, uint64_t *v)
{
	uint32_t v32;

	if (a->kind == ABSOLUTE_64)
		return bytes_u64(&k->b, a->off + (uint64_t)i * 8, v);
	if (!bytes_u32(&k->b, a->off + (uint64_t)i * 4, &v32))
		return false;
	if (a->kind == RELATIVE)
		*v = a->base + v32;
	else if (a->kind == PLACE_RELATIVE)
		*v = k->addr + a->off + (uint64_t)i * 4 +
		     (uint64_t)(int64_t)(int32_t)v32;
	else if ((int32_t)v32 >= 0)
		*v = v32;
	else
		*v = a->base - 1 - (uint64_t)(int64_t)(int32_t)v32;
	return true;
}

static bool addrs_ascend(const struct tables *k, const struct addr_table *a)
{
	uint64_t v, last = 0, kernel = 0;
	uint32_t i;

	for (i = 0; i < k->num; i++) {
		if (!read_addr(k, a, i, &v) || v < last)
			return false;
		last = v;
		kernel += v >= 0xffffffff80000000ull &&
			  v <= 0xffffffffff800000ull;
	}
	/* all but absolute symbols lie in the kernel's own 2 GiB */
	return kernel > k->num / 2;
}

static bool find_addrs(const struct tables *k, struct addr_table *a)
{
	uint64_t len4 = align_up(k, (uint64_t)k->num * 4);
	uint64_t num_off = k->names - k->align;
	uint64_t after = k->tok_index + TOKENS * 2;
	uint64_t place[2] = { num_off - 8 - len4, after };
	uint64_t base[2] = { num_off - 8, after + len4 };
	int i;

	for (i = 0; i < 2; i++) {
		if (!bytes_u64(&k->b, base[i], &a->base))
			a->base = 0;
		a->off = place[i];
		for (a->kind = RELATIVE; a->kind <= PLACE_RELATIVE; a->kind++)
			if (addrs_ascend(k, a))
				return true;
	}
	a->kind = PLACE_RELATIVE;
	a->off = num_off - len4;
	if (addrs_ascend(k, a))
		return true;
	a->kind = ABSOLUTE_64;
	a->off = num_off - (uint64_t)k->num * 8;
	return addrs_ascend(k, a);
}

/* the name at *off, its type letter first; steps over it */
static size_t expand(const struct tables *k, uint64_t *off, char *buf,
		     size_t room)
{
	unsigned int len = name_len(k, off), i;
	size_t n = 0, part;
	const char *s;

	for (i = 0; i < len; i++) {
		s = (const char *)k->b.p + k->tok_table +
		    k->tok[k->b.p[*off + i]];
		part = strlen(s);
		if (part >= room - n)
			return 0;
		memcpy(buf + n, s, part);
		n += part;
	}
	*off += len;
	return n;
}

static int decode(const struct tables *k, const struct addr_table *a,
		  struct symtab *t)
{
	uint64_t off = k->names, addr;
	char buf[NAME_MAX_LEN * 2];
	uint32_t i;
	size_t n;

	for (i = 0; i < k->num; i++) {
		n = expand(k, &off, buf, sizeof(buf));
		if (n < 2 || !read_addr(k, a, i, &addr))
			return 0;
		if (!symtab_add(t, addr, 0, buf[0], false, buf + 1, n - 1))
			return -1;
	}
	return 1;
}

static int read_aligned(struct tables *k, uint64_t align, struct symtab *t)
{
	struct addr_table a;
	uint64_t from;
	int ret;

	k->align = align;
	for (from = 0; find_tokens(k, from); from = k->tok_index + align) {
		if (!find_markers(k) || !find_addrs(k, &a))
			continue;
		symtab_free(t);
		ret = decode(k, &a, t);
		if (ret)
			return ret;
	}
	return 0;
}

int kallsyms_read(struct bytes region, uint64_t addr, struct symtab *t)
{
	struct tables k = { .b = region, .addr = addr };
	uint64_t from = (8 - (addr & 7)) & 7;
	int ret;

	if (addr & 7) {
		/* tables are aligned in memory: make offsets show that */
		if (!bytes_sub(&region, from, region.n - (region.n < from ?
			       region.n : from), &k.b))
			return 0;
		k.addr += from;
	}
	ret = read_aligned(&k, 8, t);
	return ret ? ret : read_aligned(&k, 4, t);
}
