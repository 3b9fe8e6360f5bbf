/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between clone.c (elements), tables.c (special sections) and intermediate.c
 * (.kpatch.* sections).
 */
#ifndef KP_CLONE_H
#define KP_CLONE_H

#include "diff.h"
#include "symref.h"

#define KP_JUMP_TABLE	"__jump_table"

struct kp_clone_string {
	struct kp_section *sec;
	uint64_t off, out;
};

struct kp_clone {
	struct kp_diff *d;
	struct kp_section *str;		/* string literals */
	struct {
		struct kp_clone_string *v;
		size_t n, cap;
	} strings;
	struct kp_section *names;	/* .kpatch.strings */
};

/* A place in the output. @table: the special section it is in, or NULL. */
struct kp_place {
	struct kp_section *sec;
	uint64_t off;
	const char *table;
};

/* clone.c */
int kp_clone_rela(struct kp_clone *c, struct kp_place *at, struct kp_section *from,
		  const struct kp_rela *rela);

/* tables.c */
int kp_clone_tables(struct kp_clone *c);
int kp_clone_table_ref(struct kp_clone *c, struct kp_place *at, struct kp_section *from,
		       const struct kp_rela *rela);
int kp_check_table_ref(struct kp_diff *d, const char *table, const struct kp_symref *ref);

/* runtime.c */
int kp_load_boot_constant(struct kp_clone *c, const struct kp_entry *en);

/* mcount.c */
void kp_put_mcount(struct kp_diff *d);

/* intermediate.c */
int kp_put_reloc(struct kp_clone *c, const struct kp_place *at, uint32_t type,
		 int64_t addend, const struct kp_symref *ref);
int kp_put_early(struct kp_clone *c, const struct kp_place *at, uint32_t type,
		 int64_t addend, const struct kp_symref *ref);
int kp_put_funcs(struct kp_clone *c);

#endif
