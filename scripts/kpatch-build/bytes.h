/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bounded access to bytes that somebody else wrote.
 *
 * Everything that reads kernel images, modules and tables found in them goes
 * through these: an offset outside the buffer is a false return, never a read.
 */
#ifndef KP_BYTES_H
#define KP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *p;
	size_t n;
};

/* a growing buffer that refuses to pass its limit */
struct membuf {
	uint8_t *p;
	size_t n;
	size_t room;
	size_t limit;
};

static inline bool bytes_has(const struct bytes *b, uint64_t off, uint64_t len)
{
	return off <= b->n && len <= b->n - off;
}

static inline bool bytes_u16(const struct bytes *b, uint64_t off, uint16_t *v)
{
	if (!bytes_has(b, off, sizeof(*v)))
		return false;
	memcpy(v, b->p + off, sizeof(*v));
	return true;
}

static inline bool bytes_u32(const struct bytes *b, uint64_t off, uint32_t *v)
{
	if (!bytes_has(b, off, sizeof(*v)))
		return false;
	memcpy(v, b->p + off, sizeof(*v));
	return true;
}

static inline bool bytes_u64(const struct bytes *b, uint64_t off, uint64_t *v)
{
	if (!bytes_has(b, off, sizeof(*v)))
		return false;
	memcpy(v, b->p + off, sizeof(*v));
	return true;
}

static inline bool bytes_sub(const struct bytes *b, uint64_t off, uint64_t len,
			     struct bytes *sub)
{
	if (!bytes_has(b, off, len))
		return false;
	sub->p = b->p + off;
	sub->n = len;
	return true;
}

/* the NUL-terminated string at off, or NULL when it has no end in the buffer */
const char *bytes_str(const struct bytes *b, uint64_t off);

bool membuf_reserve(struct membuf *m, size_t more);
bool membuf_add(struct membuf *m, const void *data, size_t n);
void membuf_free(struct membuf *m);

/* Read a whole file; prints one sentence and returns -1 when it cannot. */
int bytes_read_file(const char *path, struct membuf *m);

#endif
