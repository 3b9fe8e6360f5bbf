// SPDX-License-Identifier: GPL-2.0
/*
 * Static keys in patches.
 *
 * While a module loads, the kernel sorts its jump table by the keys, notes it
 * down with each key, and sets the branches as the key is.  Most keys of the
 * kernel are not exported, so that the module loader cannot fill them in, and
 * after that it is too late.  So a patch hides its table in a section that the
 * kernel does not know, and describes it to us (struct kpatch_early).  We are
 * the first to be told of a coming module: we fill in the keys and hand the
 * table over.  The notifier of the jump labels, which comes next, finds what it
 * would have found if the loader had done it, also when the module goes.
 *
 * If something fails, the table stays hidden, and nothing will be done about it.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "compat/jump_label.h"
#include "compat/module.h"
#include "early.h"
#include "fault.h"
#include "kpatch.h"
#include "reloc.h"
#include "symbol.h"

#if KP_HAVE_MODULE_JUMP_ENTRIES

/* Guards the tables of all modules: kprobes look into them. */
DEFINE_KP_UNEXPORTED(void, jump_label_lock, (void));
DEFINE_KP_UNEXPORTED(void, jump_label_unlock, (void));
static const void *ideal_nops_ptr;

void kp_early_init(void)
{
	/* Only patches that have a table need these. */
	kp_find(jump_label_lock);
	kp_find(jump_label_unlock);
	/* Not there on newer kernels, which have only one nop. */
	ideal_nops_ptr = (void *)kp_symbol_lookup("ideal_nops");
}

static bool kp_early_is_array(struct module *mod, const void *begin,
			      const void *end, size_t size)
{
	unsigned long from = (unsigned long)begin, to = (unsigned long)end;

	return from <= to && (to - from) % size == 0 &&
	       kp_module_core(mod, from, to - from);
}

/* The module's description of its table; NULL: it has none. */
static struct kpatch_early *kp_early_find(struct module *mod)
{
	unsigned long addr = kp_symbol_in_module(mod, "kpatch_early");
	struct kpatch_early *early = (void *)addr;

	if (!addr || !kp_module_core(mod, addr, sizeof(*early)))
		return NULL;
	return early->table == early->table_end ? NULL : early;
}

static bool kp_early_is_sane(struct module *mod,
			     const struct kpatch_early *early)
{
	unsigned long table = (unsigned long)early->table;
	unsigned long len = (unsigned long)early->table_end - table;
	const struct kpatch_dynrela *rela;

	if (!kp_early_is_array(mod, early->table, early->table_end,
			       sizeof(struct jump_entry)) ||
	    !kp_early_is_array(mod, early->relas, early->relas_end,
			       sizeof(*early->relas)) ||
	    mod->num_jump_entries)
		return false;
	/* 8: the longest */
	for (rela = early->relas; rela < early->relas_end; rela++)
		if (!rela->name || !kp_in_memory(rela->dest, 8, table, len))
			return false;
	return true;
}

static int kp_early_apply(struct module *mod, struct kpatch_dynrela *rela,
			  const struct kp_symbol *sym)
{
	struct kp_reloc reloc = {
		.dest = rela->dest,
		.src = sym->addr,
		.type = rela->type,
		.name = rela->name,
		.addend = rela->addend,
	};

	if (!kp_symbol_found(sym))
		return kp_symbol_missing(sym, "vmlinux");
	rela->src = sym->addr;
	return kp_reloc_apply(mod, &reloc);
}

static int kp_early_relocate(struct module *mod, struct kpatch_early *early)
{
	unsigned int i, nr = early->relas_end - early->relas;
	struct kp_symbol *syms;
	int ret;

	if (!nr)
		return 0;
	syms = kp_fault() ? NULL : kvcalloc(nr, sizeof(*syms), GFP_KERNEL);
	if (!syms)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		syms[i].name = early->relas[i].name;
		syms[i].sympos = early->relas[i].sympos;
	}
	ret = kp_symbols_find(NULL, syms, nr);
	for (i = 0; i < nr && !ret; i++)
		ret = kp_early_apply(mod, &early->relas[i], &syms[i]);
	kvfree(syms);
	return ret;
}

static int kp_early_prepare(struct module *mod, struct kpatch_early *early)
{
	if (!kp_found(jump_label_lock) || !kp_found(jump_label_unlock))
		return -EOPNOTSUPP;
	if (!kp_early_is_sane(mod, early))
		return -EINVAL;
	return kp_early_relocate(mod, early);
}

/*
 * The kernel has been through the code of the tables that it knew, and expects
 * its own nops where it switches a branch.
 */
static void kp_early_nops(const struct kpatch_early *early)
{
	const struct jump_entry *entry = early->table;
	const void *nop = ideal_nops_ptr ? kp_jump_nop(ideal_nops_ptr) : NULL;

	for (; nop && entry < (struct jump_entry *)early->table_end; entry++)
		kp_reloc_nop(kp_jump_code(entry), nop);
}

static void kp_early_hand_over(struct module *mod, struct kpatch_early *early)
{
	struct jump_entry *table = early->table;

	kp_call(jump_label_lock)();
	mod->jump_entries = table;
	mod->num_jump_entries = (struct jump_entry *)early->table_end - table;
	kp_call(jump_label_unlock)();
	early->ready = 1;
}

int kp_early_coming(struct module *mod)
{
	struct kpatch_early *early = kp_early_find(mod);
	int ret;

	if (!early)
		return 0;
	ret = kp_early_prepare(mod, early);
	if (ret) {
		pr_err("%s: its static keys cannot be set up (%d)\n", mod->name,
		       ret);
		return ret;
	}
	kp_early_nops(early);
	kp_early_hand_over(mod, early);
	return 0;
}

#else /* !KP_HAVE_MODULE_JUMP_ENTRIES: the kernel tests its keys like variables */

void kp_early_init(void)
{
}

int kp_early_coming(struct module *mod)
{
	return 0;
}

#endif
