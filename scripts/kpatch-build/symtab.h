/* SPDX-License-Identifier: GPL-2.0 */
/* Names and addresses of a kernel image or of a module. */
#ifndef KP_SYMTAB_H
#define KP_SYMTAB_H

#include "bytes.h"

struct ksym {
	uint64_t addr;
	uint64_t size;		/* 0: unknown (kallsyms has none) */
	uint32_t name;		/* offset in the pool */
	uint32_t order;		/* place in the source: this is sympos' order */
	char type;		/* as nm prints it; upper case is global */
	bool undefined;		/* a module's import */
};

struct symtab {
	struct ksym *sym;	/* by name, then by order */
	size_t n, room;
	struct ksym **by_addr;
	struct membuf names;
};

void symtab_init(struct symtab *t);
void symtab_free(struct symtab *t);
bool symtab_add(struct symtab *t, uint64_t addr, uint64_t size, char type,
		bool undefined, const char *name, size_t len);
/* sort; call once after the last symtab_add */
bool symtab_finish(struct symtab *t);

const char *symtab_name(const struct symtab *t, const struct ksym *s);
/* the first symbol of that name and how many follow it */
const struct ksym *symtab_find(const struct symtab *t, const char *name,
			       size_t *count);
/* 1, 2, … among symbols of the same name, 0: it is the only one */
unsigned int symtab_sympos(const struct symtab *t, const struct ksym *s);
/* some symbol that starts at addr, preferring function-like ones; or NULL */
const struct ksym *symtab_at(const struct symtab *t, uint64_t addr);
/* the symbol of that name at that address, or NULL */
const struct ksym *symtab_exact(const struct symtab *t, const char *name,
				uint64_t addr);
/* the nearest symbol at or below addr, or NULL */
const struct ksym *symtab_below(const struct symtab *t, uint64_t addr);

#endif
