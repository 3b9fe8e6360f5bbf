// SPDX-License-Identifier: GPL-2.0
/* Bounded buffers and file reading. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bytes.h"
#include "log.h"

const char *bytes_str(const struct bytes *b, uint64_t off)
{
	if (off >= b->n || !memchr(b->p + off, 0, b->n - off))
		return NULL;
	return (const char *)b->p + off;
}

bool membuf_reserve(struct membuf *m, size_t more)
{
	size_t room = m->room ? m->room : 4096;
	uint8_t *p;

	if (m->n > m->limit || more > m->limit - m->n)
		return false;
	while (room < m->n + more)
		room *= 2;
	if (room == m->room)
		return true;
	p = realloc(m->p, room);
	if (!p)
		return false;
	m->p = p;
	m->room = room;
	return true;
}

bool membuf_add(struct membuf *m, const void *data, size_t n)
{
	if (!membuf_reserve(m, n))
		return false;
	if (n)
		memcpy(m->p + m->n, data, n);
	m->n += n;
	return true;
}

void membuf_free(struct membuf *m)
{
	free(m->p);
	m->p = NULL;
	m->n = 0;
	m->room = 0;
}

int bytes_read_file(const char *path, struct membuf *m)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	size_t got;
	int ret = 0;

	if (!f)
		return kp_err("%s: %s", path, strerror(errno));
	if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode)) {
		fclose(f);
		return kp_err("%s: not a regular file", path);
	}
	if (!membuf_reserve(m, (size_t)st.st_size + 1)) {
		fclose(f);
		return kp_err("%s: too large (%lld bytes)", path,
				(long long)st.st_size);
	}
	do {
		got = fread(m->p + m->n, 1, m->room - m->n, f);
		m->n += got;
	} while (got && membuf_reserve(m, 1) && m->n < m->room);
	if (ferror(f))
		ret = kp_err("%s: %s", path, strerror(errno));
	fclose(f);
	return ret;
}
