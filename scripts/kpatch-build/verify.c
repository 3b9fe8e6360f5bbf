// SPDX-License-Identifier: GPL-2.0
/*
 * Refuses what cannot be live-patched: says what, where, and what to do instead.
 */
#include <string.h>

#include "diff.h"
#include "log.h"
#include "parent.h"
#include "symref.h"

#define MAX_REFUSALS	5

#define refuse(d, fmt, ...)						\
	do {								\
		if ((d)->refusals++ < MAX_REFUSALS)			\
			kp_refuse(fmt, ##__VA_ARGS__);			\
	} while (0)

/* A call of __fentry__ at its start, or an entry for it in the tables of sites. */
bool kp_has_ftrace_site(const struct kp_side *side, const struct kp_elem *f)
{
	uint64_t at = f->sym->value;

	kp_for_relas_in(f->sec, at, at + 8, rela)
		if (!strcmp(rela->sym->name, "__fentry__") ||
		    !strcmp(rela->sym->name, "mcount"))
			return true;
	for (size_t i = 0; i < side->entries.n; i++)
		if (side->entries.v[i].owner == f &&
		    !strcmp(side->entries.v[i].kind->name, "__mcount_loc"))
			return true;
	return false;
}

static void refuse_no_site(struct kp_diff *d, const struct kp_elem *e)
{
	const struct kp_elem *f = kp_brings_along(d, e);

	if (f)
		refuse(d, "%s() in %s has no ftrace site (notrace, or assembler), and neither has %s(), which it calls: calls to them cannot be redirected; change the functions that call them instead",
		       kp_elem_name(e), e->twin->sec->name, kp_elem_name(f));
	else
		refuse(d, "%s() in %s has no ftrace site (notrace, or assembler): calls to it cannot be redirected; %s",
		       kp_elem_name(e), e->twin->sec->name,
		       kp_starts(kp_elem_name(e), "__do_sys_") ?
		       "include kpatch-macros.h and write KPATCH_SYSCALL_DEFINEn() for SYSCALL_DEFINEn()" :
		       "change the functions that call it instead");
}

static void check_function(struct kp_diff *d, struct kp_elem *e)
{
	const char *name = kp_elem_name(e);

	if (e->kind != E_FUNC || e->state != S_CHANGED || e->ignored || e->parent)
		return;
	if (kp_is_init(e->sec) || kp_is_init(e->twin->sec))
		refuse(d, "%s() in %s is init code, which has run already; do what it would do in a callback (KPATCH_PRE_PATCH_CALLBACK)",
		       name, e->sec->name);
	else if (!strcmp(d->parent, "vmlinux") && kp_starts(e->sec->name, ".exit."))
		refuse(d, "%s() in %s is exit code, which vmlinux does not keep; leave the change out",
		       name, e->sec->name);
	else if (kp_is_label_code(e))
		refuse(d, "%s in %s is assembler code without .type, and what uses it cannot be redirected; leave it as it is and let the functions that use it use new code, or leave the change out with KPATCH_IGNORE_SECTION(\"%s\") if that is safe",
		       name, e->sec->name, e->sec->name);
	else if (!kp_has_ftrace_site(&d->orig, e->twin) && !kp_goes_with_callers(d, e))
		refuse_no_site(d, e);
}

/* What becomes init code would be freed when the patch is loaded. */
static void check_needs_init(struct kp_diff *d, const struct kp_elem *e)
{
	if (!e->include || kp_is_init(e->sec))
		return;
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		const struct kp_elem *f = kp_resolve(&d->patched, e->sec, rela).elem;

		if (!f || f->kind != E_FUNC || !kp_is_init(f->sec) ||
		    !kp_is_from_other_home(d, f))
			continue;
		refuse(d, "%s() in %s is init code, and %s() would call it when it is gone; leave __init off",
		       kp_elem_name(f), f->sec->name, kp_elem_name(e));
		return;
	}
}

/* Init code whose only change is that it calls what is no init code any more. */
static void note_has_run(struct kp_diff *d, const struct kp_elem *e)
{
	if (e->kind != E_FUNC || e->state != S_SAME || !kp_is_init(e->sec))
		return;
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		const struct kp_elem *f = kp_resolve(&d->patched, e->sec, rela).elem;

		if (!f || f->kind != E_FUNC || kp_is_init(f->sec) ||
		    !kp_is_from_other_home(d, f))
			continue;
		kp_info("%s() in %s has run already, with %s() as it was: it is left alone",
			kp_elem_name(e), e->sec->name, kp_elem_name(f));
		return;
	}
}

/* What is cut out of a section that several functions share must be understood. */
static void check_code(struct kp_diff *d, const struct kp_elem *e)
{
	if (e->include && e->opaque)
		refuse(d, "%s() in %s cannot be moved: what is at +%#lx is no instruction that is known, or leads to a place without a name, or runs into what follows; change the functions that call it instead",
		       kp_elem_name(e), e->sec->name,
		       (unsigned long)(e->opaque_at - e->start));
}

/* Both readings of an address are the same place while the variables lie as they did. */
static bool still_neighbours(const struct kp_elem *a, const struct kp_elem *b)
{
	return a->twin && b->twin && !a->include && !b->include &&
	       a->twin->sec == b->twin->sec &&
	       b->twin->start - a->twin->end == b->start - a->end;
}

static void check_ends(struct kp_diff *d, const struct kp_elem *e)
{
	struct kp_end end;

	if (!e->include)
		return;
	kp_for_relas_in(e->sec, e->start, e->end, rela)
		if (kp_maybe_end(e->sec, rela, &end) && !still_neighbours(end.array, end.next))
			refuse(d, "%s in %s uses an address in %s that may be the end of %s or in %s, which the patch parts; leave the section attribute off new variables, and keep the old ones",
			       kp_elem_name(e), e->sec->name, end.next->sec->name,
			       kp_elem_name(end.array), kp_elem_name(end.next));
}

/* Does the kernel's @e, which the patch goes on using, lead to what it replaces? */
static const struct kp_elem *leads_to_old(struct kp_diff *d, const struct kp_elem *e)
{
	const struct kp_elem *f = kp_label_of_included(d, e);

	if (f || kp_class_of(e->sec) != CL_DATA)
		return f;
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		struct kp_elem *table = kp_resolve(&d->patched, e->sec, rela).elem;

		if (table && table->include && table->sym && table->twin &&
		    !kp_uncorrelated(table)) {
			f = kp_label_of_included(d, table);
			if (f)
				return f;
		}
	}
	return NULL;
}

/* Addresses of labels in data that there is only one of. */
static void check_labels(struct kp_diff *d, const struct kp_elem *e)
{
	if (!e->include)
		return;
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		struct kp_elem *data = kp_resolve(&d->patched, e->sec, rela).elem;
		const struct kp_elem *f;

		if (!data || data->include)
			continue;
		f = leads_to_old(d, data);
		if (!f)
			continue;
		refuse(d, "variable %s in %s leads into the body of %s(), which the patch replaces; leave that function as it is and change its callers, or make the table of labels const",
		       kp_elem_name(data), data->sec->name, kp_elem_name(f));
		return;
	}
}

static void check_locals(struct kp_diff *d, struct kp_elem *f)
{
	const struct kp_elem *e;

	if (!f->include)
		return;
	e = kp_doubtful_local(d, f);
	if (e)
		refuse(d, "%s uses one of several static variables called %.*s, and after the patch it cannot be told which of them is which; give a new one a name of its own, and keep the old ones in their functions and in the order of use",
		       kp_elem_name(f), (int)strcspn(e->sym->name, "."), e->sym->name);
}

/* A variable that starts anew where that of another file may have been meant. */
static void check_moved_here(struct kp_diff *d, struct kp_elem *e)
{
	const char *name = kp_elem_name(e);
	const struct kp_symbol *old;
	bool used;

	old = kp_moved_here(d, e, &used);
	if (!old || (e->sym->bind != STB_LOCAL && kp_symtab_has_global(d->symtab, name)))
		return;		/* the latter: check_new_globals() */
	if (used)
		refuse(d, "the new variable %s in %s would start from its initial value, while a function that uses it used %s of another file before, which has a value; go on using that one, or give the new one another name",
		       name, e->sec->name, old->name);
	else
		kp_warn("the new variable %s in %s starts from its initial value, and %s of another file is no longer used; if the value of that was meant to stay, go on using it",
			name, e->sec->name, old->name);
}

/* The same the other way round: another file of the patch has one called as @old. */
static void check_moved_away(struct kp_diff *d, struct kp_elem *old)
{
	const struct kp_symbol *s;
	bool used;

	s = kp_moved_away(d, old, &used);
	if (!s || !kp_is_patch_own(d, s))
		return;
	if (used)
		refuse(d, "the new variable %s of another file would start from its initial value, while a function that uses it used %s in %s before, which has a value; leave that one in its file, where a new function can read and set it for others, or give the new one another name",
		       s->name, kp_elem_name(old), old->sec->name);
	else
		kp_warn("the new variable %s of another file starts from its initial value, and %s in %s is no longer used; if the value of that was meant to stay, leave it in its file",
			s->name, kp_elem_name(old), old->sec->name);
}

/* A variable that starts anew where it may have been meant to go on. */
static void check_moved(struct kp_diff *d, struct kp_elem *e)
{
	const char *name = kp_elem_name(e);
	const struct kp_elem *old;
	bool used;

	if (!e->include || e->state != S_NEW)
		return;
	old = kp_moved_from(d, e, &used);
	if (!old) {
		check_moved_here(d, e);
		return;
	}
	if (used)
		refuse(d, "the new variable %s in %s would start from its initial value, while a function that uses it used %s in %s before, which has a value; leave that one in its scope, or give the new one another name",
		       name, e->sec->name, kp_elem_name(old), old->sec->name);
	else
		kp_warn("the new variable %s in %s starts from its initial value, and %s in %s is no longer used; if the value of that was meant to stay, leave it in its scope",
			name, e->sec->name, kp_elem_name(old), old->sec->name);
}

bool kp_author_ignores(const struct kp_diff *d, const char *section)
{
	for (size_t i = 0; i < d->ignored_sections.n; i++)
		if (!strcmp(d->ignored_sections.v[i], section))
			return true;
	return false;
}

static bool is_export(const struct kp_section *sec)
{
	return kp_starts(sec->name, "__ksymtab") || kp_starts(sec->name, "___ksymtab") ||
	       kp_starts(sec->name, "___kcrctab") || kp_starts(sec->name, "__kcrctab");
}

static void check_changed_data(struct kp_diff *d, const struct kp_elem *e)
{
	uint64_t old = e->twin->end - e->twin->start, new = e->end - e->start;
	const char *name = kp_elem_name(e);

	if (is_export(e->sec))
		refuse(d, "the export of %s changes; keep it, and export nothing new from a patch",
		       name);
	else if (kp_is_init(e->sec))
		refuse(d, "init data %s in %s changes, and was used at boot; set what follows from it in a callback (KPATCH_PRE_PATCH_CALLBACK)",
		       name, e->sec->name);
	else if (old != new)
		refuse(d, "variable %s in %s changes its size from %lu to %lu bytes while the running kernel has it in use; keep its layout and put new data into a shadow variable (KPATCH_SHADOW_ALLOC)",
		       name, e->sec->name, (unsigned long)old, (unsigned long)new);
	else
		refuse(d, "the initial value of %s in %s changes, and the running kernel has its own value there; change it in a callback (KPATCH_PRE_PATCH_CALLBACK), or wrap the functions that use it",
		       name, e->sec->name);
}

/* Tables that the kernel reads once, at boot or when a module loads. */
static const char *registration(const struct kp_section *sec)
{
	static const struct { const char *section, *what; } tables[] = {
		{ ".initcall", "an initcall" }, { ".con_initcall", "an initcall" },
		{ "__param", "a module parameter" }, { ".init.setup", "a boot parameter" },
		{ "__tracepoints", "a tracepoint" }, { "_ftrace_events", "a trace event" },
		{ ".pci_fixup", "a PCI fixup" },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (kp_starts(sec->name, tables[i].section))
			return tables[i].what;
	return NULL;
}

/* Sections of ordinary data: nothing walks through them. */
static bool is_plain(const struct kp_section *sec)
{
	static const char * const plain[] = {
		".data", ".bss", ".rodata", ".init", ".exit.", ".ref.", ".meminit.",
		".cpuinit.", ".devinit.", ".sdata", NULL,
	};

	for (int i = 0; plain[i]; i++)
		if (kp_starts(sec->name, plain[i]))
			return true;
	return false;
}

static bool same_but_digits(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (*a != *b || !*a)
			return *a == *b;
	}
}

/* Was it there under another number? Entries are named by their lines as well. */
static bool is_renumbered(struct kp_diff *d, const struct kp_elem *e)
{
	struct kp_section *sec;
	struct kp_elem *f;

	kp_for_each_elem(d->orig.elf, sec, f)
		if (f->sym && !f->twin && !strcmp(sec->name, e->sec->name) &&
		    same_but_digits(f->sym->name, e->sym->name) &&
		    f->end - f->start == e->end - e->start &&
		    kp_same_range(d, sec, f->start, e->sec, e->start, f->end - f->start, NULL))
			return true;
	return false;
}

/* A whole table without names in it has one more entry if it grows. */
static bool is_new_entry(struct kp_diff *d, const struct kp_elem *e)
{
	if (e->sym)
		return e->state == S_NEW && !is_renumbered(d, e);
	return e->sec->elems.n == 1 &&
	       (!e->twin || e->end - e->start > e->twin->end - e->twin->start);
}

/*
 * Tables that the linker collects of all objects. What nothing in the patch uses
 * is an entry; the rest goes with what uses it.
 */
static void check_entry(struct kp_diff *d, const struct kp_elem *e)
{
	const char *what = registration(e->sec), *name = kp_elem_name(e);

	if (!what && (e->include || !e->sym || is_plain(e->sec)))
		return;
	if (!is_new_entry(d, e))
		return;
	if (what)
		refuse(d, "the patch adds %s (%s in %s), which would never be registered; register it in a callback, or leave it out",
		       what, name, e->sec->name);
	else
		refuse(d, "the patch adds an entry to a table of the kernel (%s in %s), which the kernel would never see; do in a callback what it is for, or leave it out with KPATCH_IGNORE_SECTION(\"%s\") if that is safe",
		       name, e->sec->name, e->sec->name);
}

/*
 * The loader of modules copies the initial values of per-CPU variables, and frees
 * them: what is filled in later is lost, and older kernels (6.12) never fill in any.
 */
static void check_percpu(struct kp_diff *d, const struct kp_elem *e)
{
	if (!e->include || !kp_is_percpu(e->sec))
		return;
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		refuse(d, "the initial value of the new per-CPU variable %s in %s has an address in it, which would not be filled in; set it in a callback (KPATCH_PRE_PATCH_CALLBACK)",
		       kp_elem_name(e), e->sec->name);
		return;
	}
}

static unsigned int count_listed(const struct kp_side *side, const char *list,
				 const struct kp_elem *f)
{
	struct kp_section *sec = kp_find_section(side->elf, list);
	unsigned int n = 0;

	if (sec && f)
		kp_for_each_rela(sec, rela)
			n += kp_resolve(side, sec, rela).elem == f;
	return n;
}

/* Lists of functions that the kernel reads once; what is in them is not copied. */
static void check_lists(struct kp_diff *d, const struct kp_elem *f)
{
	static const char * const lists[] = {
		"_kprobe_blacklist", "_error_injection_whitelist", NULL,
	};

	if (f->kind != E_FUNC || kp_is_ignored(f))
		return;
	for (int i = 0; lists[i]; i++) {
		unsigned int old = count_listed(&d->orig, lists[i], f->twin);
		unsigned int new = count_listed(&d->patched, lists[i], f);
		const char *verb = new > old ? "adds" : "removes";
		const char *to = new > old ? "to" : "from";

		if (old == new || kp_author_ignores(d, lists[i]))
			continue;
		if (!f->twin)
			kp_warn("the new function %s() has an entry in %s, which has no effect in a patch",
				kp_elem_name(f), lists[i]);
		else if (i)
			kp_warn("the patch %s an entry for %s() %s %s, which has no effect: the kernel has read that list",
				verb, kp_elem_name(f), to, lists[i]);
		else
			refuse(d, "the patch %s an entry for %s() %s %s, and the kernel has read that list; leave it as it is (NOKPROBE_SYMBOL)",
			       verb, kp_elem_name(f), to, lists[i]);
	}
}

static void refuse_export(struct kp_diff *d, const char *symbol, const char *prefix)
{
	const char *name = symbol + (kp_starts(symbol, prefix) ? strlen(prefix) : 0);

	refuse(d, "the patch adds an exported symbol (%s in %s), and the exports of a running kernel do not grow; leave EXPORT_SYMBOL() out: the patch's own files reach it without, other modules need a pointer to it",
	       name, d->parent);
}

/* Since 6.4 an export is a label in a section that modpost reads. */
static void check_new_exports(struct kp_diff *d)
{
	static const char prefix[] = "__export_symbol_";
	struct kp_symbol *s;

	kp_for_each_symbol(d->patched.elf, s)
		if (s->sec && kp_starts(s->name, prefix) &&
		    !kp_find_symbol(d->orig.elf, s->name))
			refuse_export(d, s->name, prefix);
}

static void check_btf_ids(struct kp_diff *d, const struct kp_elem *e)
{
	if ((e->state == S_NEW || e->state == S_CHANGED) &&
	    (e->include || !kp_author_ignores(d, e->sec->name)))
		refuse(d, "variable %s in .BTF_ids %s, and the numbers of types there are filled in when the kernel is linked; keep the sets and lists of BTF ids as they are, or leave the change out with KPATCH_IGNORE_SECTION(\".BTF_ids\") if that is safe",
		       kp_elem_name(e), e->state == S_NEW ? "is new" : "changes");
}

static void check_data(struct kp_diff *d, const struct kp_elem *e)
{
	if (kp_is_btf_ids(e->sec)) {
		check_btf_ids(d, e);
		return;
	}
	if (e->kind == E_FUNC || kp_class_of(e->sec) != CL_DATA || kp_uncorrelated(e) ||
	    kp_author_ignores(d, e->sec->name))
		return;
	if (e->state == S_NEW && e->sym && is_export(e->sec)) {
		refuse_export(d, kp_elem_name(e), "__ksymtab_");
		return;
	}
	check_entry(d, e);
	if (kp_becomes_global(e)) {
		refuse(d, "variable %s in %s was static, so that other files of the patch would not find the kernel's; leave it static, and let a new function of this file read and set it for others",
		       kp_elem_name(e), e->sec->name);
		return;
	}
	if (e->state != S_CHANGED || !e->twin)
		return;
	if (!e->sym && kp_is_rodata(e->sec))
		return;		/* whoever uses it changed with it */
	if (e->sym && kp_replaceable_const(d, e))
		return;		/* whoever uses it changes with it */
	check_changed_data(d, e);
}

/*
 * A global that is new here, but not in the kernel (it moved from another file,
 * or overrides a weak one): whoever is not in this object would go on with the
 * kernel's, and a variable would be there twice.
 */
static void check_new_globals(struct kp_diff *d)
{
	struct kp_symbol *s;

	kp_for_each_symbol(d->patched.elf, s) {
		const struct kp_elem *e = s->elem;

		if (!e || !e->include || e->state != S_NEW || s->bind == STB_LOCAL ||
		    s->type == STT_SECTION || kp_class_of(e->sec) == CL_AUTHOR ||
		    !kp_symtab_has_global(d->symtab, s->name) || kp_is_from_other_home(d, e))
			continue;
		refuse(d, "%s in %s is new in this file, and %s has one of that name from another file, which would stay in use; leave it there and change it there, or give the new one another name",
		       s->name, e->sec->name, d->parent);
	}
}

/* CONFIG_MODVERSIONS: the checksum of an exported symbol's type. */
static void check_crcs(struct kp_diff *d)
{
	struct kp_symbol *s, *t;

	kp_for_each_symbol(d->patched.elf, s) {
		if (!kp_starts(s->name, "__crc_") || s->shndx != SHN_ABS || s->sec)
			continue;
		t = kp_find_symbol(d->orig.elf, s->name);
		if (t && t->shndx == SHN_ABS && t->value != s->value)
			refuse(d, "the type of the exported symbol %s changes (checksum %08lx, was %08lx), and loaded modules use the old one; keep the types and put new data into a shadow variable",
			       s->name + 6, (unsigned long)s->value, (unsigned long)t->value);
	}
}

int kp_verify(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e;

	kp_for_each_elem(d->patched.elf, sec, e) {
		check_function(d, e);
		check_needs_init(d, e);
		note_has_run(d, e);
		check_code(d, e);
		check_ends(d, e);
		check_labels(d, e);
		check_locals(d, e);
		check_moved(d, e);
		check_data(d, e);
		check_percpu(d, e);
		check_lists(d, e);
	}
	kp_for_each_elem(d->orig.elf, sec, e)
		check_moved_away(d, e);
	check_crcs(d);
	check_new_exports(d);
	check_new_globals(d);
	if (d->refusals > MAX_REFUSALS)
		kp_warn("and %u more like these", d->refusals - MAX_REFUSALS);
	if (d->refusals)
		return -KP_REFUSED;
	return kp_check_unknown_tables(d);
}
