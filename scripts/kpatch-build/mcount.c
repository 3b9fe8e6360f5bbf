// SPDX-License-Identifier: GPL-2.0
/*
 * Where do the functions of the patch call ftrace? The kernel reads that in
 * __mcount_loc while a module loads: it makes the calls nops, and the functions
 * can be traced.
 *
 * Kernels whose compiler or objtool writes the table have it in the compiled
 * objects, and it is cloned like other tables. On older ones recordmcount makes it
 * from the compiled object, and does not know sections of single functions.
 * There the patch gets a table of our own.
 */
#include <string.h>

#include "clone.h"

#define TABLE		"__mcount_loc"
#define ENTRY		8
#define CALL_WINDOW	8	/* an endbr may come first */

static bool has_table(struct kp_elf *elf)
{
	return kp_find_section(elf, TABLE) ||
	       kp_find_section(elf, "__patchable_function_entries");
}

/* What recordmcount goes through: code that stays. */
static bool is_traced_text(const struct kp_section *sec)
{
	static const char * const names[] = {
		".text", ".ref.text", ".sched.text", ".spinlock.text", ".irqentry.text",
		".softirqentry.text", ".kprobes.text", ".cpuidle.text", NULL,
	};

	for (int i = 0; names[i]; i++)
		if (kp_starts(sec->name, names[i]))
			return true;
	return false;
}

static struct kp_rela *ftrace_call(const struct kp_elem *f)
{
	uint64_t at = f->sym->value;

	if (!f->sec->data)
		return NULL;
	kp_for_relas_in(f->sec, at + 1, at + CALL_WINDOW, rela)
		if (!strcmp(rela->sym->name, "__fentry__") &&
		    f->sec->data[rela->offset - 1] == 0xe8)
			return rela;
	return NULL;
}

static void add_entry(struct kp_diff *d, const struct kp_elem *f, uint64_t call)
{
	struct kp_section *table = kp_find_section(d->out, TABLE);
	uint64_t at;

	if (!table)
		table = kp_section_new(d->out, TABLE, SHT_PROGBITS, SHF_ALLOC, ENTRY);
	at = kp_section_append(table, NULL, ENTRY, ENTRY);
	kp_rela_add(table, at, R_X86_64_64, kp_section_symbol(f->out),
		    (int64_t)(call - f->start + f->out_start));
}

void kp_put_mcount(struct kp_diff *d)
{
	if (has_table(d->patched.elf))
		return;
	for (size_t i = 0; i < d->work.n; i++) {
		struct kp_elem *f = d->work.v[i];
		struct kp_rela *call;

		if (f->kind != E_FUNC || !f->out || !is_traced_text(f->sec))
			continue;
		call = ftrace_call(f);
		if (call)
			add_entry(d, f, call->offset - 1);
	}
}
