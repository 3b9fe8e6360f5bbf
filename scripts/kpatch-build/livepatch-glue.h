/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks in the tables of create-diff-object: an empty array in the table's
 * section, in the first object of the link (begin) and in the last (end).
 */
#ifndef LIVEPATCH_GLUE_H
#define LIVEPATCH_GLUE_H

#include <linux/compiler.h>

#define KPATCH_TABLE(type, name, section)				\
	extern type name[];						\
	type name[0] __attribute__((__section__(section), __used__, __aligned__(8)))

extern struct kpatch_patch_func kpatch_funcs_end[];
extern struct kpatch_patch_reloc kpatch_relocs_end[];
extern void *kpatch_force_end[];
extern struct kpatch_patch_callback kpatch_pre_patch_end[];
extern struct kpatch_patch_callback kpatch_post_patch_end[];
extern struct kpatch_patch_callback kpatch_pre_unpatch_end[];
extern struct kpatch_patch_callback kpatch_post_unpatch_end[];
/* for kpatch.ko */
extern struct kpatch_patch_early kpatch_early_end[];
extern char kpatch_jump_table_end[];

#endif
