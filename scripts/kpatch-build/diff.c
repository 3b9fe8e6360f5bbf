// SPDX-License-Identifier: GPL-2.0
/*
 * The passes in their order, see diff.h.
 */
#include "diff.h"
#include "log.h"

static void change_all(struct kp_diff *d)
{
	struct kp_section *sec;
	struct kp_elem *e;

	kp_for_each_elem(d->patched.elf, sec, e)
		if (e->kind == E_FUNC && e->twin && !kp_starts(sec->name, ".init.") &&
		    !kp_starts(sec->name, ".exit.") && kp_has_ftrace_site(&d->orig, e->twin))
			e->state = e->twin->state = S_CHANGED;
}

int kp_diff(struct kp_diff *d)
{
	int ret = kp_cut(d, &d->orig);

	if (!ret)
		ret = kp_cut(d, &d->patched);
	if (!ret)
		ret = kp_scan_specials(d, &d->orig);
	if (!ret)
		ret = kp_scan_specials(d, &d->patched);
	if (ret)
		return ret;
	kp_correlate(d);
	kp_read_author_marks(d);
	kp_compare(d);
	kp_compare_specials(d);
	if (d->all)
		change_all(d);
	kp_propagate(d);
	kp_select(d);
	ret = kp_verify(d);
	if (ret)
		return ret;
	if (!d->work.n) {
		kp_info("no change in %s", d->patched.elf->name);
		return -KP_NOCHANGE;
	}
	return kp_clone(d);
}
