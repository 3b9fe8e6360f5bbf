// SPDX-License-Identifier: GPL-2.0
/*
 * Changed functions that have no ftrace site and need none: static ones that are
 * called, by functions of this object, and nothing else. Most are "static inline"
 * that gcc did not inline: the kernel's inline says notrace. Their callers are
 * replaced, as they would be if it had, and call a new one that the patch brings.
 *
 * Who jumps to a function is not on the stack while it runs: nobody would see that
 * a task is still inside. Nor would they if the call is the caller's last instruction,
 * as nothing comes back from it: it would return to the function behind.
 */
#include <string.h>

#include "diff.h"

static uint64_t entry_of(const struct kp_elem *f)
{
	return f->sym->value - f->start;
}

static bool is_part_of(const struct kp_elem *e, const struct kp_elem *f)
{
	return e && (e == f || e->parent == f);
}

/* A call that returns into @caller. */
static bool is_call_insn(const struct kp_elem *caller, const struct kp_rela *rela)
{
	return caller->sym && rela->branch && rela->offset &&
	       caller->sec->data[rela->offset - 1] == 0xe8 &&
	       rela->offset + 4 < caller->sym->value + caller->sym->size;
}

/* Does the entry at @off of a table speak about @f itself? */
static bool is_entry_about(const struct kp_side *side, const struct kp_section *from,
			   uint64_t off, const struct kp_elem *f)
{
	for (size_t i = 0; i < side->entries.n; i++) {
		const struct kp_entry *en = &side->entries.v[i];

		if (en->sec == from && off >= en->offset && off - en->offset < en->size)
			return is_part_of(en->owner, f);
	}
	return false;
}

/* Left out by the author, of either side: it goes on with what it calls now. */
static bool is_left_out(const struct kp_elem *e)
{
	const struct kp_elem *f = e->parent ? e->parent : e;

	return f->ignored || (f->twin && f->twin->ignored);
}

/* @rela of @from leads to @f, to what is at @off. */
static bool is_harmless(const struct kp_side *side, const struct kp_section *from,
			const struct kp_rela *rela, const struct kp_elem *f, uint64_t off)
{
	const struct kp_elem *user = kp_elem_at(from, rela->offset);

	switch (kp_class_of(from)) {
	case CL_TEXT:
		if (is_part_of(user, f))
			return off != entry_of(f) || is_call_insn(user, rela);
		return user && user->kind == E_FUNC && !kp_is_init(from) &&
		       !is_left_out(user) && off == entry_of(f) && is_call_insn(user, rela);
	case CL_SPECIAL:
		return is_entry_about(side, from, rela->offset, f);
	case CL_DATA:
		return off != entry_of(f);	/* of a switch, or labels: see verify.c */
	default:
		return false;
	}
}

/* Does nothing lead to @f but calls, and what is its own? Counts calls by others. */
static bool is_only_called(const struct kp_side *side, const struct kp_elem *f,
			   unsigned int *calls)
{
	struct kp_section *from;

	*calls = 0;
	kp_for_each_section(side->elf, from) {
		if (kp_class_of(from) == CL_IGNORE)
			continue;
		kp_for_each_rela(from, rela) {
			struct kp_ref ref = kp_resolve(side, from, rela);

			if (ref.elem != f)
				continue;
			if (!is_harmless(side, from, rela, f,
					 ref.off + (uint64_t)kp_insn_tail(from, rela)))
				return false;
			*calls += kp_class_of(from) == CL_TEXT &&
				  !is_part_of(kp_elem_at(from, rela->offset), f);
		}
	}
	return true;
}

/* Other objects may reach it by another name. */
static bool has_global_name(const struct kp_elem *f)
{
	struct kp_symbol *s;

	kp_for_each_symbol(f->sec->elf, s)
		if (s->elem == f && s->bind != STB_LOCAL)
			return true;
	return false;
}

/* Neither assembler code nor what must be in a section of its own. */
static bool is_plain_static(const struct kp_elem *f)
{
	return f->sym->type == STT_FUNC && !has_global_name(f) &&
	       (!strcmp(f->sec->name, ".text") || kp_starts(f->sec->name, ".text."));
}

/* What nobody calls here is reached in a way that is not seen, or not at all. */
static bool can_go(struct kp_diff *d, const struct kp_elem *f)
{
	unsigned int calls, new_calls;

	return f->kind == E_FUNC && f->twin && !f->parent && !kp_is_ignored(f) &&
	       is_plain_static(f) && is_plain_static(f->twin) &&
	       !kp_has_ftrace_site(&d->orig, f->twin) &&
	       is_only_called(&d->orig, f->twin, &calls) && calls &&
	       is_only_called(&d->patched, f, &new_calls);
}

bool kp_goes_with_callers(struct kp_diff *d, struct kp_elem *f)
{
	if (f->state != S_CHANGED)
		return false;
	if (!f->judged) {
		f->judged = true;
		f->only_called = can_go(d, f);
	}
	return f->only_called;
}

/* Why @e, which the patch's author may not have touched, has changed; or NULL. */
const struct kp_elem *kp_brings_along(struct kp_diff *d, const struct kp_elem *e)
{
	kp_for_relas_in(e->sec, e->start, e->end, rela) {
		struct kp_elem *f = kp_resolve(&d->patched, e->sec, rela).elem;

		if (f && f != e && kp_goes_with_callers(d, f))
			return f;
	}
	return NULL;
}
