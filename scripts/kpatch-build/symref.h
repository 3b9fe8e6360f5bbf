/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How does the patch module reach a symbol that it does not contain?
 */
#ifndef KP_SYMREF_H
#define KP_SYMREF_H

#include "diff.h"
#include "parent.h"

struct kp_symref {
	bool plain;		/* the module loader links it: exported, or the patch's own */
	const char *name;
	const char *symobj;	/* whose symbol it is */
	const char *relobj;	/* when it can be filled in */
	unsigned int sympos;
};

/* @sym: undefined in the patched object, or defined in the original one. */
int kp_symref(struct kp_diff *d, const struct kp_symbol *sym, struct kp_symref *ref);

/* Is it in the parent's table, under this name or (@name) another of its place? */
enum kp_found kp_find_in_parent(const struct kp_diff *d, const struct kp_symbol *sym,
				const char **name, unsigned int *sympos);

/* The kernel does not have it: if anything defines it, another object of the patch does. */
bool kp_is_patch_own(const struct kp_diff *d, const struct kp_symbol *sym);

/* Will the module loader link to it? */
bool kp_export_is_vmlinux(const struct kp_diff *d, const char *name);

#endif
