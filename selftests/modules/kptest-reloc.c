// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-reloc: a patch that needs what no module can link to
 *
 * It brings relocations, as a builder of patches for kernels without
 * CONFIG_LIVEPATCH would: in klp_patch.relocs.  A builder takes the places from
 * the object files; here they are variables, and in two functions.
 *
 * The replaced kptest_hello_show() of kptest_target shows what it has got: a
 * static function of the kernel, two static ones of kptest_target that have the
 * same name, and one of kptest_late, which may come later.
 *
 * The parameters add a relocation that can be wrong in many ways.
 */

#include "kptest-patch.h"

#include <linux/elf.h>
#include <linux/jiffies.h>
#include <linux/seq_file.h>
#include <linux/string.h>

static char *object = "vmlinux";
module_param(object, charp, 0444);
MODULE_PARM_DESC(object, "the additional relocation: who has the symbol");

static char *symbol;
module_param(symbol, charp, 0444);
MODULE_PARM_DESC(symbol, "... its name; none: no additional relocation");

static unsigned long sympos;
module_param(sympos, ulong, 0444);
MODULE_PARM_DESC(sympos, "... which one of several of that name");

static unsigned long type = R_X86_64_64;
module_param(type, ulong, 0444);
MODULE_PARM_DESC(type, "... its type, R_X86_64_*");

static char *place = "data";
module_param(place, charp, 0444);
MODULE_PARM_DESC(place, "... where to write: data, outside or none");

typedef int (*show_t)(struct seq_file *m, void *v);

static show_t cmdline_fn, dup_fn[2], late_fn;
static unsigned long added;

/*
 * The addresses that are in these instructions, and where the fields end.
 * There must be one copy of each function.
 */
static noinline __noclone unsigned long by_pc32(unsigned long *end)
{
	unsigned long addr;

	asm volatile("lea 0(%%rip), %0\n"
		     "1: lea 1b(%%rip), %1" : "=r" (addr), "=r" (*end));
	return addr;
}

static noinline __noclone unsigned long by_32s(unsigned long *end)
{
	unsigned long addr;

	asm volatile("movq $0, %0\n"
		     "1: lea 1b(%%rip), %1" : "=r" (addr), "=r" (*end));
	return addr;
}

static void show_place(struct seq_file *m, const char *name, unsigned long addr)
{
	seq_printf(m, "%s %s\n", name,
		   addr == (unsigned long)READ_ONCE(cmdline_fn) ? "right" :
								  "wrong");
}

static int patched_hello_show(struct seq_file *m, void *v)
{
	show_t first = READ_ONCE(dup_fn[0]);
	show_t second = READ_ONCE(dup_fn[1]);
	show_t late = READ_ONCE(late_fn);
	unsigned long end;

	show_place(m, "pc32", by_pc32(&end));
	show_place(m, "32s", by_32s(&end));
	seq_printf(m, "added 0x%lx\n", READ_ONCE(added));
	first(m, v);
	second(m, v);
	if (late)
		late(m, v);
	else
		seq_puts(m, "late: not there\n");
	return READ_ONCE(cmdline_fn)(m, v);
}

static struct klp_func funcs[] = {
	{
		.old_name = "kptest_hello_show",
		.new_func = patched_hello_show,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "kptest_target",
		.funcs = funcs,
	}, { }
};

enum { IN_PC32, IN_32S, IN_CMDLINE, IN_DUP1, IN_DUP2, IN_LATE, ADDED, END };

/* Those in functions get their places at load, the added one its contents. */
static struct klp_reloc_ext relocs[] = {
	[IN_PC32] = {
		.name = "cmdline_proc_show",
		.type = R_X86_64_PC32,
		.addend = -4,
	},
	[IN_32S] = {
		.name = "cmdline_proc_show",
		.type = R_X86_64_32S,
	},
	[IN_CMDLINE] = {
		.name = "cmdline_proc_show",
		.dest = &cmdline_fn,
		.type = R_X86_64_64,
	},
	[IN_DUP1] = {
		.objname = "kptest_target",
		.name = "kptest_dup",
		.sympos = 1,
		.dest = &dup_fn[0],
		.type = R_X86_64_64,
	},
	[IN_DUP2] = {
		.objname = "kptest_target",
		.name = "kptest_dup",
		.sympos = 2,
		.dest = &dup_fn[1],
		.type = R_X86_64_64,
	},
	[IN_LATE] = {
		.objname = "kptest_late",
		.name = "kptest_late_show",
		.dest = &late_fn,
		.type = R_X86_64_64,
	},
	[ADDED] = { },
	[END] = { },
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.relocs = relocs,
};

static void add_reloc(struct klp_reloc_ext *reloc)
{
	reloc->objname = strcmp(object, "vmlinux") ? object : NULL;
	reloc->name = symbol;
	reloc->sympos = sympos;
	reloc->type = type;
	if (!strcmp(place, "data"))
		reloc->dest = &added;
	else if (!strcmp(place, "outside"))
		reloc->dest = (void *)&jiffies;
	else
		reloc->dest = NULL;
}

static int __init kptest_reloc_init(void)
{
	unsigned long end;

	by_pc32(&end);
	relocs[IN_PC32].dest = (void *)(end - 4);
	by_32s(&end);
	relocs[IN_32S].dest = (void *)(end - 4);
	if (symbol)
		add_reloc(&relocs[ADDED]);
	return klp_enable_patch(&patch);
}

static void __exit kptest_reloc_exit(void)
{
}

module_init(kptest_reloc_init);
module_exit(kptest_reloc_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: a patch with relocations");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
