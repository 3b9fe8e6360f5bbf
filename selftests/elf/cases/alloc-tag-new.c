// SPDX-License-Identifier: GPL-2.0
// New places that allocate memory, in code of the patch and in code that is not
// in it; since 6.14 the section has another name, and a module loader gives a
// tag its counter.
// CHANGED f
// TABLE .codetag.alloc_tags 80
#include "kern.h"
struct codetag {
	unsigned int flags, lineno;
	const char *modname, *function, *filename;
};
struct alloc_tag { struct codetag ct; void *counters; };
void *alloc_tagged(unsigned long n, struct alloc_tag *tag);
#define kmalloc(n) ({							\
	static struct alloc_tag _alloc_tag __used			\
	__attribute__((__aligned__(8), __section__(".codetag.alloc_tags"))) = \
		{ { 0, __LINE__, "m", __func__, __FILE__ }, NULL };	\
	alloc_tagged(n, &_alloc_tag); })
#ifdef PATCHED
static void __init __used *early(int x) { return kmalloc(x); }
#endif
void *f(int x)
{
#ifdef PATCHED
	void *p = kmalloc(2 * x);

	if (p)
		return p;
#endif
	return kmalloc(x);
}
