// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs the elements of the two builds.
 *
 * Globals by name. Local functions by name, then by name without the numbers
 * gcc appends (.isra.0, .constprop.1, .cold). Static locals (name.123) carry a
 * number that shifts with every other one in the file: they are paired through
 * the functions that use them. Unchanged code says which is which; else it is
 * the order of use, which means nothing if there are several of a name. Where
 * one moves to the level of the file, or from there, its name has to be unique.
 * One that moves between files has no pair: verify.c refuses it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "log.h"

/* Copies without correlation: their identity does not matter, or must be new. */
static const char * const uncorrelated_names[] = {
	"__already_done", "__func__", "__FUNCTION__", "__PRETTY_FUNCTION__", "__key",
	"__warned", "__print_once", "_entry", "_entry_ptr", "_rs", "descriptor",
	"CSWTCH", "___tp_str", "_alloc_tag_cntr", NULL,
};

static const char * const uncorrelated_sections[] = {
	"__dyndbg", "__verbose", ".data..Lubsan",
	"__tracepoint_str", "__trace_printk_fmt", "alloc_tags", ".codetag.alloc_tags", NULL,
};

/* Does @name equal @base, or @base followed by .number? */
static bool is_numbered(const char *name, const char *base)
{
	size_t len = strlen(base);

	return !strncmp(name, base, len) &&
	       (name[len] == '.' || name[len] == '\0');
}

/*
 * The section alone does not tell: -fdata-sections puts a variable called
 * "once" into .data.once as well, and it has a state to keep. The flags that
 * may start anew are known by their names.
 */
static bool is_once_section(const char *name)
{
	return !strcmp(name, ".data.once") || !strcmp(name, ".data..once");
}

bool kp_uncorrelated(const struct kp_elem *e)
{
	const struct kp_symbol *s = e->sym;

	for (int i = 0; uncorrelated_sections[i]; i++)
		if (kp_starts(e->sec->name, uncorrelated_sections[i]))
			return true;
	if (!s)
		return is_once_section(e->sec->name);
	if (s->bind != STB_LOCAL || s->type != STT_OBJECT)
		return false;
	if (kp_starts(s->name, "__UNIQUE_ID_"))
		return true;
	for (int i = 0; uncorrelated_names[i]; i++)
		if (is_numbered(s->name, uncorrelated_names[i]) && strchr(s->name, '.'))
			return true;
	return kp_class_of(e->sec) == CL_AUTHOR;
}

/* Next part of a name; numbers behind a dot (or in __UNIQUE_ID_) are skipped. */
static const char *skip_number(const char *s)
{
	const char *p = s;

	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p); p++)
			;
		if (p > s + 1 && (*p == '.' || !*p))
			return p;
	}
	return s;
}

bool kp_same_base(const char *a, const char *b)
{
	for (;;) {
		const char *na = skip_number(a), *nb = skip_number(b);

		if (na != a || nb != b) {
			a = na;
			b = nb;
			continue;
		}
		if (*a != *b)
			break;
		if (!*a)
			return true;
		a++;
		b++;
	}
	return false;
}

static const char *skip_numbers(const char *s)
{
	while (isdigit((unsigned char)*s) || *s == '.')
		s++;
	return s;
}

/* The same for what carries its number without a dot: __UNIQUE_ID_ddebug123.4. */
bool kp_same_unique(const char *a, const char *b)
{
	if (!kp_starts(a, "__UNIQUE_ID_"))
		return kp_same_base(a, b);
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return !*skip_numbers(a) && !*skip_numbers(b);
}

/* __initcall__kmod_proc__377_173_proc_meminfo_init5: a counter and a line number. */
static bool same_initcall(const char *a, const char *b)
{
	if (!kp_starts(a, "__initcall__") || !kp_starts(b, "__initcall__"))
		return false;
	for (;;) {
		while (isdigit((unsigned char)*a))
			a++;
		while (isdigit((unsigned char)*b))
			b++;
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

static void pair(struct kp_elem *a, struct kp_elem *b)
{
	a->twin = b;
	b->twin = a;
	kp_debug("pair %s - %s", kp_elem_name(a), kp_elem_name(b));
}

static bool is_static_local(const struct kp_elem *e)
{
	const char *dot;

	if (e->kind != E_OBJECT || e->sym->bind != STB_LOCAL)
		return false;
	dot = strrchr(e->sym->name, '.');
	return dot && isdigit((unsigned char)dot[1]);
}

bool kp_is_static_local(const struct kp_elem *e)
{
	return is_static_local(e) && !kp_uncorrelated(e);
}

/* A function of .init.text is not the same as one of .text: it is gone, or will be. */
static bool same_home(const struct kp_elem *a, const struct kp_elem *b)
{
	if (a->kind != b->kind ||
	    (a->kind == E_FUNC && kp_is_init(a->sec) != kp_is_init(b->sec)))
		return false;
	return (a->sec->flags & SHF_EXECINSTR) == (b->sec->flags & SHF_EXECINSTR);
}

/* One function, before and after it was put into .init.text, or taken out of it? */
bool kp_changed_home(const struct kp_elem *a, const struct kp_elem *b)
{
	return a->kind == E_FUNC && b->kind == E_FUNC && !a->twin && !b->twin &&
	       kp_is_init(a->sec) != kp_is_init(b->sec) &&
	       kp_same_base(a->sym->name, b->sym->name);
}

/* Was @e init code, or is it only now? */
bool kp_is_from_other_home(struct kp_diff *d, const struct kp_elem *e)
{
	struct kp_section *sec;
	struct kp_elem *old;

	kp_for_each_elem(d->orig.elf, sec, old)
		if (kp_changed_home(old, e))
			return true;
	return false;
}

static bool can_pair(const struct kp_elem *e)
{
	return e->sym && !e->twin && !kp_uncorrelated(e);
}

static struct kp_elem *find_named(struct kp_elf *elf, const struct kp_elem *e, bool base)
{
	struct kp_symbol *s;

	kp_for_each_symbol(elf, s) {
		struct kp_elem *f = s->elem;

		if (!f || f->sym != s || !can_pair(f) || !same_home(e, f) ||
		    is_static_local(f))
			continue;
		if (base ? kp_same_base(s->name, e->sym->name) ||
			   same_initcall(s->name, e->sym->name) :
			   !strcmp(s->name, e->sym->name))
			return f;
	}
	return NULL;
}

static void pair_by_name(struct kp_diff *d, bool base)
{
	struct kp_section *sec;
	struct kp_elem *e, *f;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (!can_pair(e) || is_static_local(e))
			continue;
		f = find_named(d->orig.elf, e, base);
		if (f)
			pair(f, e);
	}
}

#define MAX_LOCALS	64	/* of one function */

/* Static locals that the range refers to, in order of use. */
static struct kp_elem *nth_static_local(struct kp_side *side, struct kp_elem *user,
					const char *base, unsigned int n)
{
	struct kp_elem *seen[MAX_LOCALS];
	unsigned int count = 0;

	kp_for_relas_in(user->sec, user->start, user->end, rela) {
		struct kp_ref ref = kp_resolve(side, user->sec, rela);
		struct kp_elem *e = ref.elem;
		unsigned int i;

		if (!e || !kp_is_static_local(e) ||
		    (base && !kp_same_base(e->sym->name, base)))
			continue;
		for (i = 0; i < count && seen[i] != e; i++)
			;
		if (i < count)
			continue;
		if (count == n)
			return e;
		if (count == MAX_LOCALS)
			break;
		seen[count++] = e;
	}
	return NULL;
}

static void dispute(struct kp_elem *a, struct kp_elem *b)
{
	kp_debug("%s - %s: disputed", kp_elem_name(a), kp_elem_name(b));
	a->disputed = b->disputed = true;
	if (a->twin)
		a->twin->disputed = true;
	if (b->twin)
		b->twin->disputed = true;
}

static void pair_local(struct kp_elem *a, struct kp_elem *b)
{
	if (a->twin == b)
		return;
	if (!a->twin && !b->twin && same_home(a, b))
		pair(a, b);
	else
		dispute(a, b);
}

/* The code of @user did not change: each reference is to what it was to. */
static void pair_in_step(struct kp_diff *d, struct kp_elem *user)
{
	struct kp_elem *old = user->twin;
	struct kp_rela *ra = kp_first_rela(old->sec, old->start);

	kp_for_relas_in(user->sec, user->start, user->end, rb) {
		struct kp_elem *a, *b;

		if (ra == old->sec->relas.v + old->sec->relas.n)
			return;
		a = kp_resolve(&d->orig, old->sec, ra++).elem;
		b = kp_resolve(&d->patched, user->sec, rb).elem;
		if (!a || !b || !kp_is_static_local(a) || !kp_is_static_local(b))
			continue;
		pair_local(a, b);
		a->sure = b->sure = true;
	}
}

static bool is_unchanged(struct kp_diff *d, struct kp_elem *user)
{
	struct kp_elem *old = user->twin;
	bool same;

	if (old->end - old->start != user->end - user->start)
		return false;
	d->open_locals = true;
	same = kp_same_range(d, old->sec, old->start, user->sec, user->start,
			     user->end - user->start, NULL);
	d->open_locals = false;
	return same;
}

/* Those of a name that @user refers to and that unchanged code says nothing about. */
static unsigned int unsure_locals(struct kp_side *side, struct kp_elem *user,
				  const char *base, struct kp_elem **v)
{
	struct kp_elem *e;
	unsigned int count = 0;

	for (unsigned int n = 0; (e = nth_static_local(side, user, base, n)); n++)
		if (!e->sure)
			v[count++] = e;
	return count;
}

static void pair_in_order(struct kp_diff *d, struct kp_elem *user)
{
	struct kp_elem *e, *old[MAX_LOCALS + 1], *new[MAX_LOCALS + 1];

	for (unsigned int n = 0; (e = nth_static_local(&d->patched, user, NULL, n)); n++) {
		unsigned int n_old, n_new;

		if (e->sure)
			continue;
		n_old = unsure_locals(&d->orig, user->twin, e->sym->name, old);
		n_new = unsure_locals(&d->patched, user, e->sym->name, new);
		if (!n_old || e != new[0])	/* new, or done with the first */
			continue;
		for (unsigned int i = 0; i < n_new; i++) {
			if (n_old > 1 || n_new > 1)
				new[i]->by_order = true;
			if (i < n_old)
				pair_local(old[i], new[i]);
		}
	}
}

static void pair_locals_of(struct kp_diff *d, enum kp_kind kind, bool unchanged)
{
	struct kp_section *sec;
	struct kp_elem *e;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (!e->twin || e->kind != kind || !nth_static_local(&d->patched, e, NULL, 0))
			continue;
		if (!unchanged)
			pair_in_order(d, e);
		else if (is_unchanged(d, e))
			pair_in_step(d, e);
	}
}

/* Through users: functions first, then data that is paired already. */
static void pair_static_locals(struct kp_diff *d)
{
	pair_locals_of(d, E_FUNC, true);
	pair_locals_of(d, E_FUNC, false);
	pair_locals_of(d, E_OBJECT, true);
	pair_locals_of(d, E_OBJECT, false);
}

/* Variables without a pair that are called as @e, numbers aside; @any: of any scope. */
static unsigned int count_base(struct kp_elf *elf, const struct kp_elem *e, bool any,
			       struct kp_elem **only)
{
	struct kp_section *sec;
	struct kp_elem *f;
	unsigned int n = 0;

	kp_for_each_elem(elf, sec, f) {
		if (f->sym && !f->twin && (any || is_static_local(f)) && same_home(e, f) &&
		    !kp_uncorrelated(f) && kp_same_base(f->sym->name, e->sym->name)) {
			*only = f;
			n++;
		}
	}
	return n;
}

static bool leads_to(struct kp_side *side, struct kp_elem *user, const struct kp_ref *to,
		     unsigned int depth);

/* A symbol of another object is a variable where it is not called. */
static bool is_ref_to(const struct kp_rela *rela, const struct kp_ref *ref,
		      const struct kp_ref *to)
{
	return to->elem ? ref->elem == to->elem : ref->sym == to->sym && !rela->branch;
}

/* Does a part of @user, or one of its entries in the kernel's tables, lead there? */
static bool range_leads_to(struct kp_side *side, struct kp_elem *user, struct kp_section *sec,
			   uint64_t start, uint64_t end, const struct kp_ref *to,
			   unsigned int depth)
{
	kp_for_relas_in(sec, start, end, rela) {
		struct kp_ref ref = kp_resolve(side, sec, rela);
		struct kp_elem *f = ref.elem;

		if (is_ref_to(rela, &ref, to))
			return true;
		if (f && f != user && f->kind == E_FUNC && depth &&
		    (!f->twin || f->parent == user) && leads_to(side, f, to, depth - 1))
			return true;
	}
	return false;
}

/*
 * Does @user lead there, directly or through its cold part and functions that
 * only this side has? Code does not refer to a static key, its entry does.
 */
static bool leads_to(struct kp_side *side, struct kp_elem *user, const struct kp_ref *to,
		     unsigned int depth)
{
	if (range_leads_to(side, user, user->sec, user->start, user->end, to, depth))
		return true;
	if (user->kind != E_FUNC)
		return false;
	for (size_t i = 0; i < side->entries.n; i++) {
		const struct kp_entry *en = &side->entries.v[i];

		if (en->owner == user && !en->kind->derived &&
		    range_leads_to(side, user, en->sec, en->offset, en->offset + en->size,
				   to, depth))
			return true;
	}
	return false;
}

/* Inlining moved: what used the one is now a part of what uses the other. */
static bool have_common_user(struct kp_diff *d, const struct kp_ref *a,
			     const struct kp_ref *b)
{
	struct kp_section *sec;
	struct kp_elem *user;

	kp_for_each_elem(d->patched.elf, sec, user)
		if (user->twin && leads_to(&d->patched, user, b, 2) &&
		    leads_to(&d->orig, user->twin, a, 2))
			return true;
	return false;
}

static bool share_user(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b)
{
	return have_common_user(d, &(struct kp_ref){ .elem = a }, &(struct kp_ref){ .elem = b });
}

/* What no paired function uses any more: if it is the only one left. */
static void pair_lonely_locals(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e, *f, *self;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (!e->sym || !can_pair(e) || !is_static_local(e))
			continue;
		if (count_base(d->patched.elf, e, false, &self) == 1 &&
		    count_base(d->orig.elf, e, false, &f) == 1 && share_user(d, f, e))
			pair(f, e);
	}
}

static bool is_lonely_variable(const struct kp_elem *e)
{
	return e->kind == E_OBJECT && can_pair(e) && (e->sec->flags & SHF_WRITE) &&
	       kp_class_of(e->sec) == CL_DATA;
}

/*
 * A static local that moved to the level of the file, or came from there: if
 * nothing else has the name, and a function uses both. One that other files
 * can use now has no name in the kernel that they could.
 */
static void pair_moved_locals(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e, *f, *self;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (!is_lonely_variable(e) || e->sym->bind != STB_LOCAL)
			continue;
		if (count_base(d->patched.elf, e, true, &self) == 1 &&
		    count_base(d->orig.elf, e, true, &f) == 1 && is_lonely_variable(f) &&
		    share_user(d, f, e))
			pair(f, e);
	}
}

/*
 * A variable that is gone, and that the new @e has the name of, in another
 * scope; @used: by a function that uses @e now.
 */
const struct kp_elem *kp_moved_from(struct kp_diff *d, struct kp_elem *e, bool *used)
{
	const struct kp_elem *found = NULL;
	struct kp_section *sec;
	struct kp_elem *f;

	*used = false;
	if (!is_lonely_variable(e))
		return NULL;
	kp_for_each_elem(d->orig.elf, sec, f) {
		if (!f->sym || !is_lonely_variable(f) || is_static_local(f) == is_static_local(e) ||
		    !kp_same_base(f->sym->name, e->sym->name))
			continue;
		found = f;
		*used = share_user(d, f, e);
		if (*used)
			break;
	}
	return found;
}

/* What @elf takes from another object and that is called as @name, numbers aside. */
static struct kp_symbol *undefined_named(struct kp_elf *elf, const char *name)
{
	struct kp_symbol *s;

	kp_for_each_symbol(elf, s)
		if (s->shndx == SHN_UNDEF && !s->sec && s->name[0] &&
		    kp_same_base(s->name, name))
			return s;
	return NULL;
}

/* The variable of another file that is gone, and that the new @e has the name of. */
const struct kp_symbol *kp_moved_here(struct kp_diff *d, struct kp_elem *e, bool *used)
{
	struct kp_symbol *s;

	*used = false;
	if (!is_lonely_variable(e) || undefined_named(d->patched.elf, e->sym->name))
		return NULL;
	s = undefined_named(d->orig.elf, e->sym->name);
	if (s)
		*used = have_common_user(d, &(struct kp_ref){ .sym = s },
					 &(struct kp_ref){ .elem = e });
	return s;
}

/*
 * The variable of another file that has the name of @old, which is gone, and
 * that is used by what goes into the patch.
 */
const struct kp_symbol *kp_moved_away(struct kp_diff *d, struct kp_elem *old, bool *used)
{
	struct kp_ref from = { .elem = old }, to = { .elem = NULL };
	struct kp_section *sec;
	struct kp_elem *user;

	if (!is_lonely_variable(old))
		return NULL;
	to.sym = undefined_named(d->patched.elf, old->sym->name);
	if (!to.sym)
		return NULL;
	kp_for_each_elem(d->patched.elf, sec, user)
		if (user->include && leads_to(&d->patched, user, &to, 0)) {
			*used = have_common_user(d, &from, &to);
			return to.sym;
		}
	return NULL;
}

/* Has it a user that did not change, with that pair? */
static bool is_confirmed(struct kp_diff *d, struct kp_elem *local)
{
	struct kp_ref to = { .elem = local };
	struct kp_section *sec;
	struct kp_elem *user;

	kp_for_each_elem(d->patched.elf, sec, user)
		if (user->sym && user->twin && user->state == S_SAME &&
		    leads_to(&d->patched, user, &to, 0))
			return true;
	return false;
}

/*
 * A static local of @user that may be another one than its pair, or one that
 * has no pair although the kernel has one of its name left over.
 */
const struct kp_elem *kp_doubtful_local(struct kp_diff *d, struct kp_elem *user)
{
	struct kp_elem *e, *f;

	for (unsigned int n = 0; (e = nth_static_local(&d->patched, user, NULL, n)); n++) {
		if (!(e->sec->flags & SHF_WRITE))
			continue;	/* compared by content */
		if (e->disputed || (e->by_order && !is_confirmed(d, e)) ||
		    (!e->twin && count_base(d->orig.elf, e, false, &f)))
			return e;
	}
	return NULL;
}

/* Pieces without a name, by section name and order. */
static void pair_anonymous(struct kp_diff *d)
{
	struct kp_section *sec, *other;
	struct kp_elem *e;

	kp_for_each_section(d->patched.elf, sec) {
		other = NULL;
		kp_for_each_section(d->orig.elf, other) {
			if (!other->twin && (!strcmp(sec->name, other->name) ||
					     kp_same_base(sec->name, other->name)))
				break;
			other = NULL;
		}
		if (!other)
			continue;
		sec->twin = other;
		other->twin = sec;
		for (size_t i = 0; i < sec->elems.n && i < other->elems.n; i++) {
			e = sec->elems.v[i];
			if (!e->sym && !other->elems.v[i]->sym)
				pair(other->elems.v[i], e);
		}
	}
}

/* foo.cold belongs to foo. */
static void find_parents(struct kp_elf *elf)
{
	struct kp_symbol *s, *p;

	kp_for_each_symbol(elf, s) {
		const char *cold = strstr(s->name, ".cold");

		if (!cold || !s->elem || s->elem->sym != s || s->type != STT_FUNC)
			continue;
		kp_for_each_symbol(elf, p)
			if (p->elem && p->elem != s->elem && p->type == STT_FUNC &&
			    !strncmp(p->name, s->name, (size_t)(cold - s->name)) &&
			    p->name[cold - s->name] == '\0')
				s->elem->parent = p->elem;
	}
}

void kp_correlate(struct kp_diff *d)
{
	find_parents(d->orig.elf);
	find_parents(d->patched.elf);
	pair_by_name(d, false);
	pair_by_name(d, true);
	pair_static_locals(d);
	pair_lonely_locals(d);
	pair_moved_locals(d);
	pair_anonymous(d);
}
