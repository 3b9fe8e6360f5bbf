// SPDX-License-Identifier: GPL-2.0
/*
 * Last object of a patch module: the ends of the tables, see kpatch-glue.c.
 */
#include "kpatch-intermediate.h"
#include "livepatch-glue.h"

KPATCH_TABLE(struct kpatch_patch_func, kpatch_funcs_end, ".kpatch.funcs");
KPATCH_TABLE(struct kpatch_patch_reloc, kpatch_relocs_end, ".kpatch.relocs");
KPATCH_TABLE(void *, kpatch_force_end, ".kpatch.force");
KPATCH_TABLE(struct kpatch_patch_early, kpatch_early_end, ".kpatch.early");
KPATCH_TABLE(char, kpatch_jump_table_end, ".kpatch.jump_table");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_pre_patch_end,
	     ".kpatch.callbacks.pre_patch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_post_patch_end,
	     ".kpatch.callbacks.post_patch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_pre_unpatch_end,
	     ".kpatch.callbacks.pre_unpatch");
KPATCH_TABLE(struct kpatch_patch_callback, kpatch_post_unpatch_end,
	     ".kpatch.callbacks.post_unpatch");
