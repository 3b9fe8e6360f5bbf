/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What create-diff-object leaves in its output for the steps behind it. The
 * glue (livepatch-glue.c) reads these sections in the kernel, create-klp-module
 * in the linked module. All pointers are relocations. C for both worlds.
 */
#ifndef KPATCH_INTERMEDIATE_H
#define KPATCH_INTERMEDIATE_H

/* .kpatch.funcs: a function that the patch replaces */
struct kpatch_patch_func {
	unsigned long new_addr;
	unsigned long new_size;
	unsigned long old_addr;		/* 0: found by name */
	unsigned long old_size;
	unsigned long sympos;		/* 0: the name is unique */
	char *name;
	char *objname;
};

/*
 * .kpatch.relocs: a place in the patch to fill in with the address of a symbol
 * that no module may link to. @objname: when that object is there (or loads);
 * @symobj: the object whose symbol it is. They differ only if a module uses
 * another module's export.
 */
struct kpatch_patch_reloc {
	unsigned long dest;
	unsigned long type;		/* R_X86_64_* */
	unsigned long sympos;
	long addend;
	char *name;
	char *symobj;
	char *objname;
};

/*
 * .kpatch.early: a place in .kpatch.jump_table, which kpatch.ko fills in before
 * the kernel reads the table. Laid out like its struct kpatch_dynrela.
 */
struct kpatch_patch_early {
	unsigned long dest;
	unsigned long src;
	unsigned long type;		/* R_X86_64_* */
	unsigned long sympos;
	char *name;			/* in vmlinux */
	int addend;
	int external;
	void *list[2];
};

/* .kpatch.callbacks.{pre,post}_{patch,unpatch} */
struct kpatch_patch_callback {
	void *fn;
	char *objname;
};

#endif
