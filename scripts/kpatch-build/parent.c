// SPDX-License-Identifier: GPL-2.0
/*
 * The parent's symbol table and Module.symvers, see parent.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "parent.h"

struct entry {
	const char *name;
	uint64_t addr, size;
	size_t order;		/* line */
	unsigned int file;	/* STT_FILE group, 0: none */
	bool local, weak;
};

struct proof {
	const char *name;
	uint64_t addr;
};

struct kp_symtab {
	struct kp_arena *a;
	bool module;
	struct { struct entry *v; size_t n, cap; } sym;
	struct { struct proof *v; size_t n, cap; } proved;
	struct { uint64_t *v; size_t n, cap; } sealed;	/* in order */
	struct { const char **v; size_t n, cap; } files;	/* names of the groups */
	unsigned int bound;	/* the object's group, or ... */
	bool by_proof;		/* ... kpatch-prove made this: all groups but "-" */
};

/* "# proved name address", "# sealed address" */
static void parse_proof(struct kp_symtab *st, const char *line)
{
	char name[512];
	unsigned long addr;

	if (sscanf(line, "# sealed %lx", &addr) == 1)
		kp_push(st->a, &st->sealed, (uint64_t)addr);
	if (sscanf(line, "# proved %511s %lx", name, &addr) == 2) {
		struct proof p = { kp_strdup(st->a, name), addr };

		kp_push(st->a, &st->proved, p);
	}
}

/* "ffffffff81000000 t name" */
static bool parse_map(struct kp_symtab *st, const char *line)
{
	struct entry e = { .order = st->sym.n };
	unsigned long addr;
	char type, name[512];

	if (sscanf(line, "%lx %c %511s", &addr, &type, name) != 3)
		return false;
	e.name = kp_strdup(st->a, name);
	e.addr = addr;
	e.weak = strchr("wWvV", type) != NULL;
	e.local = type >= 'a' && type <= 'z' && type != 'u' && type != 'v' && type != 'w';
	kp_push(st->a, &st->sym, e);
	return true;
}

/* "  12: ffffffff81000000  40 FUNC LOCAL DEFAULT 1 name" */
static bool parse_readelf(struct kp_symtab *st, const char *line)
{
	char size[32], type[16], bind[16], vis[16], ndx[16], name[512];
	struct entry e = { .order = st->sym.n, .file = (unsigned int)st->files.n };
	unsigned long addr;
	int n;

	name[0] = '\0';
	n = sscanf(line, " %*u: %lx %31s %15s %15s %15s %15s %511s",
		   &addr, size, type, bind, vis, ndx, name);
	if (n < 6)
		return false;
	if (!strcmp(type, "FILE"))
		kp_push(st->a, &st->files, kp_strdup(st->a, name));
	if (n < 7 || !strcmp(ndx, "UND") || !strcmp(type, "FILE") || !strcmp(type, "SECTION"))
		return true;
	e.name = kp_strdup(st->a, name);
	e.addr = addr;
	e.size = strtoul(size, NULL, 0);
	e.local = !strcmp(bind, "LOCAL");
	e.weak = !strcmp(bind, "WEAK");
	if (!e.local)
		e.file = 0;
	kp_push(st->a, &st->sym, e);
	return true;
}

/* By name; namesakes in the order in which the kernel counts them. */
static int by_name_addr(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	if (c)
		return c;
	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int by_name_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

static int by_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct kp_symtab *kp_symtab_read(struct kp_arena *a, const char *path, bool module)
{
	struct kp_symtab *st = kp_alloc(a, sizeof(*st));
	char *line = NULL;
	size_t cap = 0;
	FILE *f = fopen(path, "re");

	if (!f) {
		kp_err("%s: %s", path, strerror(errno));
		return NULL;
	}
	st->a = a;
	st->module = module;
	while (getline(&line, &cap, f) > 0) {
		if (line[0] == '#')
			parse_proof(st, line);
		else if (!parse_readelf(st, line))
			parse_map(st, line);
	}
	free(line);
	fclose(f);
	if (!st->sym.n) {
		kp_err("%s: no symbols in it (expected: readelf -sW output, or \"address type name\" lines)",
		       path);
		return NULL;
	}
	qsort(st->sym.v, st->sym.n, sizeof(struct entry),
	      module ? by_name_order : by_name_addr);
	if (st->sealed.n)
		qsort(st->sealed.v, st->sealed.n, sizeof(*st->sealed.v), by_u64);
	return st;
}

/* First entry of that name, or NULL; @n: how many. */
static struct entry *range_of(const struct kp_symtab *st, const char *name, size_t *n)
{
	size_t lo = 0, hi = st->sym.n, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(st->sym.v[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < st->sym.n && !strcmp(st->sym.v[end].name, name); end++)
		;
	*n = end - lo;
	return *n ? &st->sym.v[lo] : NULL;
}

static bool is_plain_local(const struct kp_symbol *s)
{
	return s->bind == STB_LOCAL && s->sec && s->name[0] &&
	       (s->type == STT_FUNC || s->type == STT_OBJECT);
}

/* How many of the object's local symbols are in group @file? */
static size_t score(const struct kp_symtab *st, struct kp_elf *orig, unsigned int file)
{
	struct kp_symbol *s;
	size_t sum = 0, n;

	kp_for_each_symbol(orig, s) {
		struct entry *e;

		if (!is_plain_local(s))
			continue;
		e = range_of(st, s->name, &n);
		for (size_t i = 0; e && i < n; i++)
			if (e[i].file == file && e[i].local) {
				sum++;
				break;
			}
	}
	return sum;
}

/* kpatch-prove puts a FILE entry "-" in front of what is not the object's. */
static bool is_proved_table(const struct kp_symtab *st)
{
	for (size_t i = 0; i < st->files.n; i++)
		if (!strcmp(st->files.v[i], "-"))
			return true;
	return false;
}

void kp_symtab_bind(struct kp_symtab *st, struct kp_elf *orig)
{
	const char *file = NULL;
	struct kp_symbol *s;
	size_t best = 0;

	kp_for_each_symbol(orig, s)
		if (s->type == STT_FILE && s->name[0] && !file)
			file = s->name;
	st->by_proof = is_proved_table(st);
	if (st->by_proof)
		return;
	for (size_t i = 0; file && i < st->files.n; i++) {
		size_t sc;

		if (strcmp(st->files.v[i], file))
			continue;
		sc = score(st, orig, (unsigned int)i + 1);
		if (sc && sc == best)
			st->bound = 0;	/* two alike: do not guess */
		if (sc > best) {
			best = sc;
			st->bound = (unsigned int)i + 1;
		}
	}
	kp_debug("%s: symbol group %u of the parent (%zu local symbols)",
		 orig->name, st->bound, best);
}

static const struct proof *proof_of(const struct kp_symtab *st, const char *name)
{
	for (size_t i = 0; i < st->proved.n; i++)
		if (!strcmp(st->proved.v[i].name, name))
			return &st->proved.v[i];
	return NULL;
}

static bool is_meant(const struct kp_symtab *st, const struct entry *e, bool local,
		     const struct proof *p)
{
	if (p)
		return e->addr == p->addr;
	if (!local)
		return !e->local;
	if (st->by_proof)
		return e->local && e->file && strcmp(st->files.v[e->file - 1], "-");
	return st->bound ? e->local && e->file == st->bound : e->local;
}

static enum kp_found find(const struct kp_symtab *st, const char *name, bool local,
			  unsigned int *sympos, const struct entry **found)
{
	const struct proof *p = local ? proof_of(st, name) : NULL;
	size_t n, hits = 0;
	struct entry *e = range_of(st, name, &n);

	if (!e)
		return KP_ABSENT;
	for (size_t i = 0; i < n; i++) {
		/* a name that is there once is meant, whatever its binding */
		if (n > 1 && !is_meant(st, &e[i], local, p))
			continue;
		if (n == 1 && p && e->addr != p->addr)
			continue;
		hits++;
		*sympos = n > 1 ? (unsigned int)i + 1 : 0;
		*found = &e[i];
	}
	return hits == 1 ? KP_FOUND : hits ? KP_AMBIGUOUS : KP_ABSENT;
}

enum kp_found kp_symtab_find(const struct kp_symtab *st, const char *name, bool local,
			     unsigned int *sympos, uint64_t *size)
{
	const struct entry *e = NULL;
	enum kp_found found = find(st, name, local, sympos, &e);

	if (e)
		*size = e->size;
	return found;
}

bool kp_symtab_is_sealed(const struct kp_symtab *st, const char *name, bool local)
{
	const struct entry *e;
	unsigned int sympos;

	return st->sealed.n && find(st, name, local, &sympos, &e) == KP_FOUND &&
	       bsearch(&e->addr, st->sealed.v, st->sealed.n, sizeof(*st->sealed.v), by_u64);
}

bool kp_symtab_is_read_only(const struct kp_symtab *st, const char *name, bool local)
{
	size_t n_from, n_to;
	struct entry *from = range_of(st, "__start_ro_after_init", &n_from);
	struct entry *to = range_of(st, "__end_ro_after_init", &n_to);
	const struct entry *e;
	unsigned int sympos;

	return from && to && find(st, name, local, &sympos, &e) == KP_FOUND &&
	       e->addr >= from->addr && e->addr < to->addr;
}

bool kp_symtab_has_global(const struct kp_symtab *st, const char *name)
{
	size_t n;
	struct entry *e = range_of(st, name, &n);

	for (size_t i = 0; e && i < n; i++)
		if (!e[i].local)
			return true;
	return false;
}

bool kp_symtab_is_init(const struct kp_symtab *st, const char *name)
{
	size_t n, n_from, n_to;
	struct entry *from = range_of(st, "_sinittext", &n_from);
	struct entry *to = range_of(st, "_einittext", &n_to);
	struct entry *e = range_of(st, name, &n);

	if (!from || !to)
		return false;
	for (size_t i = 0; e && i < n; i++)
		if (!e[i].local && (e[i].addr < from->addr || e[i].addr >= to->addr))
			return false;
	return n;
}

bool kp_symtab_all_local(const struct kp_symtab *st, const char *name)
{
	size_t n;

	return range_of(st, name, &n) && !kp_symtab_has_global(st, name);
}

bool kp_symtab_overridden(const struct kp_symtab *st, const char *name)
{
	const struct proof *p = proof_of(st, name);
	size_t n, strong = 0;
	struct entry *e = range_of(st, name, &n);

	for (size_t i = 0; e && i < n; i++) {
		if (p ? e[i].addr == p->addr : e[i].weak)
			return false;
		strong += !e[i].local;
	}
	return strong > 0;
}

/* ---- Module.symvers ---- */

struct kp_exports {
	struct { struct kp_export *v; size_t n, cap; } ex;
};

/* "drivers/net/foo-bar" is the module foo_bar. */
static char *module_name(struct kp_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = kp_strdup(a, slash ? slash + 1 : path);

	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return name;
}

static int by_export_name(const void *a, const void *b)
{
	const struct kp_export *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool parse_export(struct kp_arena *a, struct kp_exports *ex, char *line)
{
	struct kp_export e = { .name = NULL };
	char *field[5] = { NULL }, *at = line;
	int n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (n < 5 && at)
		field[n++] = strsep(&at, "\t");
	if (n < 4 || !*field[1] || !*field[2])
		return false;
	e.name = kp_strdup(a, field[1]);
	e.module = module_name(a, field[2]);
	e.has_namespace = n > 4 && *field[4];
	kp_push(a, &ex->ex, e);
	return true;
}

struct kp_exports *kp_exports_read(struct kp_arena *a, const char *path)
{
	struct kp_exports *ex = kp_alloc(a, sizeof(*ex));
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	int lineno = 0;

	if (!f) {
		kp_err("%s: %s", path, strerror(errno));
		return NULL;
	}
	while (getline(&line, &cap, f) > 0) {
		lineno++;
		if (line[0] != '\n' && !parse_export(a, ex, line)) {
			kp_err("%s:%d: not a line of Module.symvers", path, lineno);
			ex = NULL;
			break;
		}
	}
	free(line);
	fclose(f);
	if (ex && ex->ex.n)
		qsort(ex->ex.v, ex->ex.n, sizeof(*ex->ex.v), by_export_name);
	return ex;
}

const struct kp_export *kp_export_find(const struct kp_exports *ex, const char *name)
{
	struct kp_export key = { .name = name };

	if (!ex->ex.n)
		return NULL;
	return bsearch(&key, ex->ex.v, ex->ex.n, sizeof(key), by_export_name);
}
