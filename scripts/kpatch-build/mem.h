/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is freed all at once. The tools run for a second on inputs of a
 * few megabytes: running out of memory ends them with a message.
 */
#ifndef KP_MEM_H
#define KP_MEM_H

#include <stddef.h>

struct kp_arena {
	struct kp_chunk *chunks;
};

void *kp_alloc(struct kp_arena *a, size_t size);		/* zeroed */
void *kp_memdup(struct kp_arena *a, const void *p, size_t size);
char *kp_strdup(struct kp_arena *a, const char *s);
char *kp_strndup(struct kp_arena *a, const char *s, size_t n);
char *kp_sprintf(struct kp_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void kp_arena_free(struct kp_arena *a);

/*
 * Room for one more in a vector that lives in an arena: the vector doubles,
 * old copies stay until the arena goes. @v is the vector, @n its length,
 * @cap its capacity.
 */
void *kp_grow(struct kp_arena *a, void *v, size_t n, size_t *cap, size_t elem);

/* Appends @x to the vector struct { T *v; size_t n, cap; } *@vec. */
#define kp_push(a, vec, x)						\
	do {								\
		(vec)->v = kp_grow(a, (vec)->v, (vec)->n, &(vec)->cap,	\
				   sizeof(*(vec)->v));			\
		(vec)->v[(vec)->n++] = (x);				\
	} while (0)

#endif
