// SPDX-License-Identifier: GPL-2.0
// Each place that allocates memory has a tag and a counter of its own, with a
// line in it (CONFIG_MEM_ALLOC_PROFILING).
// CHANGED f
// SAME g
// SAME h
// TABLE alloc_tags 40
#include "kern.h"
struct codetag {
	unsigned int flags, lineno;
	const char *modname, *function, *filename;
};
struct alloc_tag { struct codetag ct; void *counters; };
void *alloc_tagged(unsigned long n, struct alloc_tag *tag);
#define kmalloc(n) ({							\
	static __attribute__((__section__(".data..percpu")))		\
	long _alloc_tag_cntr[2];					\
	static struct alloc_tag _alloc_tag __used			\
	__attribute__((__aligned__(8), __section__("alloc_tags"))) =	\
		{ { 0, __LINE__, "m", __func__, __FILE__ }, &_alloc_tag_cntr }; \
	alloc_tagged(n, &_alloc_tag); })
void *f(int x)
{
#ifdef PATCHED
	if (x < 0)
		return NULL;
#endif
	return kmalloc(x);
}
void *g(int x)
{
#line 42
	return kmalloc(x);
}
#ifdef PATCHED
#line 100
#else
#line 97
#endif
void *h(int x)
{
	return kmalloc(x);
}
