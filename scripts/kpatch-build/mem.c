// SPDX-License-Identifier: GPL-2.0
/*
 * Arena memory, see mem.h.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mem.h"

struct kp_chunk {
	struct kp_chunk *next;
	_Alignas(16) unsigned char data[];
};

void *kp_alloc(struct kp_arena *a, size_t size)
{
	struct kp_chunk *c = NULL;

	if (size < SIZE_MAX - sizeof(*c))
		c = calloc(1, sizeof(*c) + size);
	if (!c) {
		kp_err("out of memory (%zu bytes)", size);
		exit(KP_ERROR);
	}
	c->next = a->chunks;
	a->chunks = c;
	return c->data;
}

void *kp_memdup(struct kp_arena *a, const void *p, size_t size)
{
	void *q = kp_alloc(a, size);

	if (size)
		memcpy(q, p, size);
	return q;
}

char *kp_strndup(struct kp_arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *q = kp_alloc(a, len + 1);

	memcpy(q, s, len);
	return q;
}

char *kp_strdup(struct kp_arena *a, const char *s)
{
	return kp_memdup(a, s, strlen(s) + 1);
}

char *kp_sprintf(struct kp_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	s = kp_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void *kp_grow(struct kp_arena *a, void *v, size_t n, size_t *cap, size_t elem)
{
	void *w;

	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 16;
	w = kp_alloc(a, *cap * elem);
	if (n)
		memcpy(w, v, n * elem);
	return w;
}

void kp_arena_free(struct kp_arena *a)
{
	struct kp_chunk *c;

	while ((c = a->chunks)) {
		a->chunks = c->next;
		free(c);
	}
}
