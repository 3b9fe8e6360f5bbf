// SPDX-License-Identifier: GPL-2.0
/*
 * What a proof leaves behind.
 *
 * parent-symtab, for create-diff-object: the image's symbols as "readelf -sW"
 * prints them, in the order in which the kernel counts sympos.  Local symbols
 * that were proved to belong to the object stand behind a FILE entry with the
 * object's name, all others behind one with the name "-".  Where its own weak
 * symbols are stands in lines "# proved name address": their names may mean
 * those of another object.  Lines "# sealed address" follow, see parent.h.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prove.h"

static int cmp_order(const void *va, const void *vb)
{
	const struct ksym *a = *(const struct ksym *const *)va;
	const struct ksym *b = *(const struct ksym *const *)vb;

	return a->order < b->order ? -1 : a->order > b->order;
}

/* which symbols of the image are the object's own, by index */
static bool *mark_proved(const struct proof *p)
{
	const struct symtab *t = &p->img->syms;
	bool *mine = calloc(t->n + 1, sizeof(*mine));
	const struct ksym *k;
	struct kp_symbol *s;
	uint64_t addr;

	if (!mine)
		return NULL;
	kp_for_each_symbol(p->obj, s) {
		if (!s->sec || s->type == STT_SECTION ||
		    !proof_addr(p, s, &addr))
			continue;
		k = symtab_exact(t, s->name, addr);
		if (k)
			mine[k - t->sym] = true;
	}
	return mine;
}

static void symtab_line(FILE *f, size_t num, uint64_t addr, uint64_t size,
			const char *type, const char *bind, const char *ndx,
			const char *name)
{
	fprintf(f, "%6zu: %016" PRIx64 " %5" PRIu64 " %-7s %-6s DEFAULT %4s %s\n",
		num, addr, size, type, bind, ndx, name);
}

static void write_rows(FILE *f, const struct proof *p, const bool *mine,
		       const struct ksym **row, const char *unit)
{
	const struct symtab *t = &p->img->syms;
	const char *file = NULL, *want;
	size_t i, num = 1;

	fprintf(f, "\nSymbol table '.symtab' contains %zu entries:\n", t->n);
	fprintf(f, "   Num:    Value          Size Type    Bind   Vis      Ndx Name\n");
	for (i = 0; i < t->n; i++) {
		const struct ksym *k = row[i];
		bool global = isupper((unsigned char)k->type);

		want = mine[k - t->sym] ? unit : "-";
		if (!global && (!file || strcmp(file, want))) {
			file = want;
			symtab_line(f, num++, 0, 0, "FILE", "LOCAL", "ABS",
				    file);
		}
		symtab_line(f, num++, k->undefined ? 0 : k->addr, k->size,
			    k->undefined ? "NOTYPE" :
			    strchr("tTwW", k->type) ? "FUNC" : "OBJECT",
			    strchr("WV", k->type) ? "WEAK" :
			    global ? "GLOBAL" : "LOCAL",
			    k->undefined ? "UND" : "1",
			    symtab_name(t, k));
	}
}

/* Each entry is the distance from itself to the endbr64. */
static void write_seals(FILE *f, const struct kimage *img)
{
	uint32_t distance;

	for (size_t i = 0; i < img->nreg; i++) {
		const struct region *r = &img->reg[i];

		if (strcmp(r->name, ".ibt_endbr_seal"))
			continue;
		for (uint64_t off = 0; bytes_u32(&r->data, off, &distance); off += 4)
			fprintf(f, "# sealed %016" PRIx64 "\n",
				r->addr + off + (uint64_t)(int32_t)distance);
	}
}

static void write_weak(FILE *f, const struct proof *p)
{
	struct kp_symbol *s;
	uint64_t addr;

	kp_for_each_symbol(p->obj, s)
		if (s->bind == STB_WEAK && *s->name && s->sec &&
		    proof_addr(p, s, &addr))
			fprintf(f, "# proved %s %" PRIx64 "\n", s->name, addr);
}

int proof_write_symtab(const struct proof *p, const char *path,
		       const char *unit)
{
	const struct symtab *t = &p->img->syms;
	const struct ksym **row = calloc(t->n + 1, sizeof(*row));
	bool *mine = mark_proved(p);
	FILE *f = row && mine ? fopen(path, "w") : NULL;
	int ret = 0;
	size_t i;

	if (f) {
		for (i = 0; i < t->n; i++)
			row[i] = &t->sym[i];
		qsort(row, t->n, sizeof(*row), cmp_order);
		write_rows(f, p, mine, row, unit);
		write_weak(f, p);
		write_seals(f, p->img);
		ret = ferror(f);
		ret |= fclose(f);
	}
	if (!f || ret)
		ret = kp_err("%s: cannot be written", path);
	free(row);
	free(mine);
	return ret;
}

static void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void json_func(FILE *f, const struct proof *p, const struct pfunc *fn)
{
	const struct ksym *k = symtab_exact(&p->img->syms, fn->sym->name,
					    fn->addr);

	fputs("{\"name\":", f);
	json_string(f, fn->sym->name);
	/* none: it is one of several, all of which are equal */
	if (fn->addr)
		fprintf(f, ",\"address\":\"0x%" PRIx64 "\"", fn->addr);
	fprintf(f, ",\"size\":%" PRIu64 ",\"fields\":%zu,\"equal\":%s",
		fn->sym->size, fn->fields, fn->equal ? "true" : "false");
	if (k)
		fprintf(f, ",\"sympos\":%u", symtab_sympos(&p->img->syms, k));
	fputc('}', f);
}

int proof_write_report(const struct proof *p, const char *path)
{
	FILE *f = fopen(path, "w");
	size_t i;
	int ret;

	if (!f)
		return kp_err("%s: cannot be written", path);
	fputs("{\"object\":", f);
	json_string(f, p->obj->name);
	fputs(",\"image\":", f);
	json_string(f, p->img->path);
	fprintf(f, ",\"build_id\":\"%s\",\"functions_equal\":%zu,\"functions\":[",
		p->img->build_id, p->nequal);
	for (i = 0; i < p->nfunc; i++) {
		fputs(i ? ",\n" : "\n", f);
		json_func(f, p, &p->func[i]);
	}
	fputs("]", f);
	if (p->first.func) {
		fputs(",\n\"misfit\":{\"function\":", f);
		json_string(f, p->first.func->name);
		fprintf(f, ",\"offset\":%" PRIu64 ",\"what\":", p->first.off);
		json_string(f, p->first.what);
		fputc('}', f);
	}
	fputs("}\n", f);
	ret = ferror(f);
	ret |= fclose(f);
	return ret ? kp_err("%s: cannot be written", path) : 0;
}

/* "GCC: (Debian 12.2.0-14) 12.2.0" -> "12.2.0-14": what both texts share */
static void compiler_of_object(const struct proof *p, char *buf, size_t room)
{
	struct kp_section *sec = kp_find_section(p->obj, ".comment");
	size_t off = 0;

	buf[0] = 0;
	if (!sec || !sec->data)
		return;
	while (off < sec->size && !sec->data[off])
		off++;
	snprintf(buf, room, "%.*s", (int)(sec->size - off),
		 (char *)sec->data + off);
	if (!strncmp(buf, "GCC: ", 5))
		memmove(buf, buf + 5, strlen(buf + 5) + 1);
}

/* "(Debian 9.3.0-22) 9.3.0", which old banners say the other way round */
static bool banner_names(const struct proof *p, const char *compiler)
{
	const char *version = strrchr(compiler, ' ');
	char old[256];

	if (strstr(p->img->banner, compiler))
		return true;
	if (!version)
		return false;
	snprintf(old, sizeof(old), "version%s %.*s", version,
		 (int)(version - compiler), compiler);
	return strstr(p->img->banner, old);
}

/* The sentence behind "likely cause:". */
static void likely_cause(const struct proof *p, char *buf, size_t room)
{
	char own[200];

	compiler_of_object(p, own, sizeof(own));
	if (p->img->banner[0] && own[0] && !banner_names(p, own))
		snprintf(buf, room, "another compiler: the object is from \"%s\", the image says \"%.300s\"",
			 own, p->img->banner);
	else if (!p->nfunc || strstr(p->first.what, "not in the image"))
		snprintf(buf, room, "another source version or config: the function does not exist there");
	else if (p->nequal * 2 < p->nfunc)
		snprintf(buf, room, "another config, compiler or compiler options: only %zu of %zu functions are equal",
			 p->nequal, p->nfunc);
	else
		snprintf(buf, room, "another source version: the other functions (%zu of %zu) are equal",
			 p->nequal, p->nfunc);
}

void proof_explain(const struct proof *p)
{
	const struct misfit *m = &p->first;
	char cause[640];

	if (!m->func)
		return;
	likely_cause(p, cause, sizeof(cause));
	kp_err("%s is not what was shipped in %s: %s+0x%" PRIx64 " %s; likely cause: %s",
	       p->obj->name, p->img->path, m->func->name, m->off, m->what,
	       cause);
}
