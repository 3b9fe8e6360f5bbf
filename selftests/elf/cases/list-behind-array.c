// SPDX-License-Identifier: GPL-2.0
// The head of a new list behind an array that the code uses too: a loop ends
// where the list is at its head again, not at the end of the array.
// EXPECT 2
// SAYS f in .text.f uses an address in .data..read_mostly that may be the end of tab or in extra
#include "kern.h"
struct list { struct list *next, *prev; };
void visit(struct list *p);
#ifdef PATCHED
static struct list extra __read_mostly = { &extra, &extra };
#endif
static struct list tab[16] __read_mostly;
void f(int x)
{
	struct list *p;

	for (p = tab[x & 15].next; p; p = p->next)
		visit(p);
#ifdef PATCHED
	for (p = extra.next; p != &extra; p = p->next)
		visit(p);
#endif
}
void g(int x)
{
	tab[x].next = NULL;
}
