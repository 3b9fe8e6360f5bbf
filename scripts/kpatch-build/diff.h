/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The diff between two builds of one object.
 *
 * Both objects are cut into *elements*: a function (with its padding and
 * prefix; assembler code behind a label counts as one), a variable, or a piece
 * without a name (a jump table, a constant, the body of an alternative).
 * Elements of the two sides are paired, compared, and what changed is cloned
 * into the output with whatever it needs.
 *
 * Passes, in the order they run; each has its own file:
 *
 *   elements.c    cut (branch.c: find what leads from one to another)
 *   correlate.c   pair
 *   compare.c     find what changed (lines.c: except by line numbers only)
 *   special.c     the kernel's tables that speak about code
 *   propagate.c   what changes because of another change (callers.c: by calling it)
 *   verify.c      refuse what cannot be patched
 *   clone.c       write what is needed (tables.c: special sections, mcount.c:
 *                 calls of ftrace, runtime.c: constants of the boot, symref.c:
 *                 how each symbol is reached)
 */
#ifndef KP_DIFF_H
#define KP_DIFF_H

#include "elf_io.h"

enum kp_class {
	CL_IGNORE,	/* debug, notes, modinfo: says nothing about behaviour */
	CL_TEXT,
	CL_AUX,		/* .altinstr_replacement, .fixup: text that tables refer to */
	CL_STRING,	/* mergeable strings, compared by content */
	CL_CONST,	/* mergeable constants, compared by content */
	CL_SPECIAL,	/* a table of special.c */
	CL_DATA,
	CL_AUTHOR,	/* .kpatch.*, from the patch author's macros */
};

enum kp_kind { E_FUNC, E_OBJECT, E_ANON };
enum kp_state { S_UNKNOWN, S_BUSY, S_NEW, S_SAME, S_CHANGED };

struct kp_elem {
	struct kp_section *sec;
	uint64_t start, end;
	enum kp_kind kind;
	struct kp_symbol *sym;		/* NULL: E_ANON */
	struct kp_elem *twin;
	enum kp_state state;
	struct kp_elem *parent;		/* of a .cold part; of an E_ANON of CL_AUX */
	bool line_only;			/* its only changes are line numbers */
	bool ignored;			/* KPATCH_IGNORE_FUNCTION */
	bool opaque;			/* code that cannot be moved, */
	uint64_t opaque_at;		/* because of what is here */
	bool sure;			/* a static local that unchanged code pairs */
	bool by_order;			/* one that only the order of use pairs */
	bool disputed;			/* one that users pair differently */
	bool stale;			/* is copied, and leads to a changed constant */
	bool judged, only_called;	/* see kp_goes_with_callers() */
	bool include;
	struct kp_section *out;		/* where its clone is */
	uint64_t out_start;
};

/* One entry of a special section. */
struct kp_entry {
	const struct kp_special *kind;
	struct kp_section *sec;
	uint64_t offset, size;
	struct kp_elem *owner;		/* the code it speaks about */
	struct kp_section *out;		/* where its clone is, or NULL */
	uint64_t out_start;
};

struct kp_entries {
	struct kp_entry *v;
	size_t n, cap;
};

struct kp_side {
	struct kp_elf *elf;
	struct kp_entries entries;	/* grouped by table, in order */
	bool bug_rel_entry;		/* __bug_table offsets are from the entry, not the field */
};

struct kp_diff {
	struct kp_arena arena;
	struct kp_side orig, patched;
	struct kp_elf *out;
	const char *parent;		/* "vmlinux" or a module */
	const char *patch_name;
	struct kp_symtab *symtab;
	struct kp_exports *exports;
	struct kp_sizes *sizes;
	struct {
		struct kp_elem **v;
		size_t n, cap;
	} work;				/* included, to be cloned */
	struct {
		const char **v;
		size_t n, cap;
	} ignored_sections;		/* KPATCH_IGNORE_SECTION */
	bool open_locals;		/* while static locals get paired: any of a name will do */
	bool all;			/* --all: everything replaceable is changed */
	bool late_relocs;		/* --core kpatch: relocations come after loading */
	unsigned int depth;		/* of nameless things being compared */
	size_t nfuncs;			/* functions the patch replaces */
	unsigned int refusals;
};

/* Where a relocation points. */
struct kp_ref {
	struct kp_elem *elem;		/* NULL: undefined symbol, string or constant */
	struct kp_symbol *sym;		/* undefined, absolute or common */
	struct kp_section *strsec;	/* a string: its section ... */
	uint64_t off;			/* ... and start; else the offset in elem */
};

/* An address that may be the end of an array, or a place in the variable behind it. */
struct kp_end {
	struct kp_elem *array, *next;
};

/* diff.c: 0 and d->out, or a negative status */
int kp_diff(struct kp_diff *d);

/* elements.c */
#define KP_PERCPU	".data..percpu"		/* sections of some kinds have names with more behind */

enum kp_class kp_class_of(const struct kp_section *sec);
bool kp_is_rodata(const struct kp_section *sec);
bool kp_is_init(const struct kp_section *sec);
bool kp_is_percpu(const struct kp_section *sec);
bool kp_is_btf_ids(const struct kp_section *sec);
int kp_cut(struct kp_diff *d, struct kp_side *side);
struct kp_elem *kp_elem_at(const struct kp_section *sec, uint64_t off);
const char *kp_elem_name(const struct kp_elem *e);
bool kp_is_label_code(const struct kp_elem *e);
bool kp_becomes_global(const struct kp_elem *e);

/* branch.c */
void kp_read_branches(struct kp_elf *elf);

/* refs.c */
struct kp_ref kp_resolve(const struct kp_side *side, const struct kp_section *from,
			 const struct kp_rela *rela);
bool kp_maybe_end(const struct kp_section *from, const struct kp_rela *rela,
		  struct kp_end *end);
bool kp_is_loaded(const struct kp_section *from, const struct kp_rela *rela);
bool kp_is_zero(const unsigned char *p, size_t n);
size_t kp_string_size(const struct kp_section *sec, uint64_t off);
int64_t kp_insn_tail(const struct kp_section *sec, const struct kp_rela *rela);

/* correlate.c */
void kp_correlate(struct kp_diff *d);
bool kp_uncorrelated(const struct kp_elem *e);
bool kp_is_static_local(const struct kp_elem *e);
bool kp_same_base(const char *a, const char *b);
bool kp_same_unique(const char *a, const char *b);
bool kp_changed_home(const struct kp_elem *a, const struct kp_elem *b);
bool kp_is_from_other_home(struct kp_diff *d, const struct kp_elem *e);
const struct kp_elem *kp_doubtful_local(struct kp_diff *d, struct kp_elem *user);
const struct kp_elem *kp_moved_from(struct kp_diff *d, struct kp_elem *e, bool *used);
const struct kp_symbol *kp_moved_here(struct kp_diff *d, struct kp_elem *e, bool *used);
const struct kp_symbol *kp_moved_away(struct kp_diff *d, struct kp_elem *old, bool *used);

/* compare.c, lines.c */
void kp_compare(struct kp_diff *d);
bool kp_same_ref(struct kp_diff *d, const struct kp_section *sa, const struct kp_rela *ra,
		 const struct kp_section *sb, const struct kp_rela *rb);
bool kp_same_range(struct kp_diff *d, const struct kp_section *sa, uint64_t a,
		   const struct kp_section *sb, uint64_t b, uint64_t size,
		   const unsigned char *mask);
bool kp_lines_only(struct kp_diff *d, struct kp_elem *a, struct kp_elem *b);

/* special.c, sizes.c */
struct kp_special {
	const char *name;
	const char *companion;	/* a second table with an entry for each of these */
	bool derived;		/* follows from the code: not compared */
	bool drop;		/* never cloned */
	bool line;		/* the last 4 bytes of an entry are a line number and flags */
	bool boot;		/* where the kernel writes constants into code at boot */
	bool prefix;		/* all sections whose names begin so */
};

const struct kp_special *kp_special_of(const char *section);
int kp_scan_specials(struct kp_diff *d, struct kp_side *side);
void kp_compare_specials(struct kp_diff *d);
int kp_check_unknown_tables(struct kp_diff *d);
struct kp_sizes *kp_sizes_read(struct kp_arena *a, const char *path);
unsigned int kp_entry_size(const struct kp_sizes *sizes, const struct kp_section *sec,
			   bool *guessed);

/* propagate.c */
void kp_read_author_marks(struct kp_diff *d);
void kp_propagate(struct kp_diff *d);
void kp_select(struct kp_diff *d);
void kp_include(struct kp_diff *d, struct kp_elem *e, const char *why);
const struct kp_elem *kp_label_of_included(struct kp_diff *d, const struct kp_elem *e);
bool kp_is_ignored(const struct kp_elem *e);
bool kp_replaceable_const(struct kp_diff *d, const struct kp_elem *e);

/* callers.c */
bool kp_goes_with_callers(struct kp_diff *d, struct kp_elem *f);
const struct kp_elem *kp_brings_along(struct kp_diff *d, const struct kp_elem *e);

/* verify.c */
int kp_verify(struct kp_diff *d);
bool kp_has_ftrace_site(const struct kp_side *side, const struct kp_elem *f);
bool kp_author_ignores(const struct kp_diff *d, const char *section);

/* clone.c */
int kp_clone(struct kp_diff *d);

#define kp_for_each_elem(elf, sec, e)					\
	kp_for_each_section(elf, sec)					\
		for (size_t e##_i = 0; e##_i < (sec)->elems.n &&	\
		     ((e) = (sec)->elems.v[e##_i], 1); e##_i++)

#endif
