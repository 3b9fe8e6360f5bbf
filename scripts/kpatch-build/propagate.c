// SPDX-License-Identifier: GPL-2.0
/*
 * From "what changed" to "what goes into the patch".
 */
#include <string.h>

#include "diff.h"
#include "log.h"
#include "parent.h"

/* The function (or string) that entry @rela of a macro's section names. */
static void read_mark(struct kp_diff *d, struct kp_section *sec, struct kp_rela *rela)
{
	struct kp_ref ref = kp_resolve(&d->patched, sec, rela);

	if (kp_starts(sec->name, ".kpatch.ignore.functions") && ref.elem)
		ref.elem->ignored = true;
	else if (kp_starts(sec->name, ".kpatch.ignore.sections") && ref.strsec)
		kp_push(&d->arena, &d->ignored_sections,
			(const char *)ref.strsec->data + ref.off);
}

/*
 * A weak function that another object overrides is in the object file but not
 * in the kernel: its change has no effect, and its code must not replace the
 * other's.
 */
static void ignore_overridden(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (e->kind != E_FUNC || !e->twin || e->twin->sym->bind != STB_WEAK ||
		    !kp_symtab_overridden(d->symtab, e->twin->sym->name))
			continue;
		e->ignored = true;
		if (e->state == S_CHANGED)
			kp_warn("the change of the weak function %s() has no effect: %s has another one of that name",
				e->sym->name, d->parent);
	}
}

void kp_read_author_marks(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e;

	kp_for_each_section(d->patched.elf, sec) {
		if (!kp_starts(sec->name, ".kpatch.ignore."))
			continue;
		kp_for_each_rela(sec, rela)
			read_mark(d, sec, rela);
	}
	/* assembler code may be ignored by its section: it is no function */
	kp_for_each_elem(d->patched.elf, sec, e)
		if (kp_is_label_code(e) && kp_author_ignores(d, sec->name))
			e->ignored = true;
}

/* A place inside of a function: what &&label gives. */
static bool is_label(const struct kp_ref *ref)
{
	const struct kp_elem *f = ref->elem;

	return f && f->kind == E_FUNC && ref->off < f->end - f->start &&
	       (f->parent || ref->off > f->sym->value - f->start);
}

static bool only_strings_and_labels(struct kp_diff *d, const struct kp_elem *e)
{
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		struct kp_ref ref = kp_resolve(&d->patched, e->sec, rela);

		if (!ref.strsec && !is_label(&ref))
			return false;
	}
	return true;
}

/* The included function into whose body the data @e leads, or NULL. */
const struct kp_elem *kp_label_of_included(struct kp_diff *d, const struct kp_elem *e)
{
	if (kp_class_of(e->sec) != CL_DATA)
		return NULL;
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		struct kp_ref ref = kp_resolve(&d->patched, e->sec, rela);

		if (is_label(&ref) && ref.elem->include)
			return ref.elem;
	}
	return NULL;
}

/*
 * A changed local constant without pointers (a table of numbers, strings or
 * labels): nobody compares its address, so those who use it can get a new copy.
 */
bool kp_replaceable_const(struct kp_diff *d, const struct kp_elem *e)
{
	return e->kind == E_OBJECT && e->sym->bind == STB_LOCAL &&
	       kp_is_rodata(e->sec) && !kp_starts(e->sec->name, ".init") &&
	       !kp_is_btf_ids(e->sec) &&
	       e->sec->data && only_strings_and_labels(d, e);
}

/* Whoever uses it gets a new copy. */
static bool goes_with_users(struct kp_diff *d, struct kp_elem *e)
{
	return e->sym && e->state == S_CHANGED &&
	       (kp_replaceable_const(d, e) || kp_goes_with_callers(d, e));
}

/* Exit code of vmlinux is not kept, whatever it calls. */
static bool never_runs(const struct kp_diff *d, const struct kp_elem *e)
{
	return !strcmp(d->parent, "vmlinux") && kp_starts(e->sec->name, ".exit.");
}

static bool uses_replaced(struct kp_diff *d, const struct kp_elem *user)
{
	kp_for_relas_in(user->sec, user->start, user->end, rela) {
		struct kp_elem *e = kp_resolve(&d->patched, user->sec, rela).elem;

		if (!e || e == user || !(e->stale || goes_with_users(d, e)))
			continue;
		if (e->kind != E_FUNC || (user->kind == E_FUNC && !never_runs(d, user)))
			return true;
	}
	return false;
}

/*
 * What is compared by content and copied with its users (a table that gcc made
 * of a switch, a constant, a replacement): its references to a constant lead
 * to the same variable, changed or not.
 */
static bool passes_on(const struct kp_elem *e)
{
	return kp_uncorrelated(e) || (!e->sym && !(e->sec->flags & SHF_WRITE));
}

static bool becomes_stale(struct kp_diff *d, struct kp_elem *e)
{
	if (e->stale || !passes_on(e) || !uses_replaced(d, e))
		return false;
	e->stale = true;
	/* what an entry or a fixup of a function leads to is used by the function */
	if (!e->sym && e->parent && e->parent->state == S_SAME) {
		kp_debug("%s: uses a changed constant", kp_elem_name(e->parent));
		e->parent->state = S_CHANGED;
		e->parent->line_only = false;
	}
	return true;
}

/* One round; true if anything became changed. */
static bool propagate_once(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e;
	bool more = false;

	kp_for_each_elem(d->patched.elf, sec, e) {
		if (becomes_stale(d, e))
			more = true;
		if (!e->sym)
			continue;
		if (e->state == S_SAME && uses_replaced(d, e)) {
			kp_debug("%s: uses a changed constant, or a function that cannot be redirected",
				 e->sym->name);
			e->state = S_CHANGED;
			e->line_only = false;
			more = true;
		}
		if (e->parent && e->kind == E_FUNC && e->state != S_SAME &&
		    e->parent->state == S_SAME) {
			kp_debug("%s: changed in its cold part", e->parent->sym->name);
			e->parent->state = S_CHANGED;
			e->parent->line_only = false;
			more = true;
		}
	}
	return more;
}

void kp_propagate(struct kp_diff *d)
{
	while (propagate_once(d))
		;
	/* now all changes are known, those in cold parts as well */
	ignore_overridden(d);
}

/* Left out by the author, or not what runs; a cold part goes with its function. */
bool kp_is_ignored(const struct kp_elem *e)
{
	return e->ignored || (e->kind == E_FUNC && e->parent && e->parent->ignored);
}

/* Elements that exist only in the patch, or whose copy is as good as the original. */
static bool needs_clone(struct kp_diff *d, struct kp_elem *e)
{
	if (e->include)
		return false;
	if (kp_uncorrelated(e))
		return true;
	if (!e->sym)		/* nameless: nothing to link to */
		return !(e->sec->flags & SHF_WRITE) || e->state == S_NEW;
	if (e->state == S_NEW)
		return true;
	/* the kernel's leads into the old body */
	if (e->sym->bind == STB_LOCAL && kp_is_rodata(e->sec) && kp_label_of_included(d, e))
		return true;
	return goes_with_users(d, e);
}

static void include_refs(struct kp_diff *d, struct kp_section *sec, uint64_t from,
			 uint64_t to, const char *why)
{
	kp_for_relas_in(sec, from, to, rela) {
		struct kp_ref ref = kp_resolve(&d->patched, sec, rela);

		if (ref.elem && needs_clone(d, ref.elem))
			kp_include(d, ref.elem, why);
	}
}

void kp_include(struct kp_diff *d, struct kp_elem *e, const char *why)
{
	struct kp_section *sec;
	struct kp_elem *f;

	if (e->include)
		return;
	kp_debug("include %s (%s)", kp_elem_name(e), why);
	e->include = true;
	kp_push(&d->arena, &d->work, e);
	if (e->kind != E_FUNC)
		return;
	if (e->parent && !kp_is_ignored(e))
		kp_include(d, e->parent, e->sym->name);
	kp_for_each_elem(d->patched.elf, sec, f)
		if (f->parent == e && f->kind == E_FUNC)
			kp_include(d, f, e->sym->name);
}

static bool is_author_data(const struct kp_elem *e)
{
	return kp_class_of(e->sec) == CL_AUTHOR &&
	       (kp_starts(e->sec->name, ".kpatch.callbacks.") ||
		kp_starts(e->sec->name, ".kpatch.force"));
}

/* Is @e where the patch begins, rather than something it needs? */
static bool is_root(struct kp_diff *d, struct kp_elem *e)
{
	if (is_author_data(e))
		return true;
	if (!e->sym || kp_class_of(e->sec) == CL_AUTHOR || kp_is_ignored(e))
		return false;
	if (e->kind == E_FUNC && e->state == S_CHANGED)
		return !kp_goes_with_callers(d, e);
	/* another file of the patch may use it, unless the time for that is over */
	return e->state == S_NEW && e->sym->bind != STB_LOCAL && e->sec->flags & SHF_ALLOC &&
	       !kp_is_init(e->sec) &&
	       (kp_class_of(e->sec) == CL_TEXT || kp_starts(e->sec->name, ".data") ||
		kp_starts(e->sec->name, ".bss") || kp_starts(e->sec->name, ".rodata"));
}

void kp_select(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e;
	size_t done = 0;

	kp_for_each_elem(d->patched.elf, sec, e)
		if (is_root(d, e))
			kp_include(d, e, "changed or new");
	while (done < d->work.n) {
		e = d->work.v[done++];
		include_refs(d, e->sec, e->start, e->end, kp_elem_name(e));
		for (size_t i = 0; i < d->patched.entries.n; i++) {
			struct kp_entry *en = &d->patched.entries.v[i];

			if (en->owner == e)
				include_refs(d, en->sec, en->offset, en->offset + en->size,
					     en->kind->name);
		}
	}
}
