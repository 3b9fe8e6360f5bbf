/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which symbols has the running kernel, and how is each of them reached?
 *
 * The parent's symbol table is a text file in one of two forms:
 *
 *  - "readelf -sW" output of vmlinux or of the module, or what kpatch-prove
 *    writes in its place: there the local symbols that were proved to be the
 *    object's stand behind FILE entries with its name, all others behind "-",
 *    and lines "# proved name address" tell where its weak symbols are; or
 *  - lines "address type name" as in System.map and /proc/kallsyms, for a
 *    module in the order of its symbol table. Lines "# proved name address"
 *    tell where the object's own local symbols are; they come from the proof
 *    of the compile and make every local name unambiguous.
 *
 * Lines "# sealed address" are of functions in which the kernel overwrites the
 * endbr64 when it starts, as objtool saw no pointer to them.
 */
#ifndef KP_PARENT_H
#define KP_PARENT_H

#include "elf_io.h"

struct kp_symtab;
struct kp_exports;

struct kp_symtab *kp_symtab_read(struct kp_arena *a, const char *path, bool module);

/* Finds the part of the table that belongs to @orig, for local symbols. */
void kp_symtab_bind(struct kp_symtab *st, struct kp_elf *orig);

enum kp_found { KP_FOUND, KP_ABSENT, KP_AMBIGUOUS };

/* @sympos: 0 if the name is unique, else its number among its namesakes. */
enum kp_found kp_symtab_find(const struct kp_symtab *st, const char *name, bool local,
			     unsigned int *sympos, uint64_t *size);

/* A global or weak one has this name. */
bool kp_symtab_has_global(const struct kp_symtab *st, const char *name);

/* All global ones of this name are init code of vmlinux, which is gone. */
bool kp_symtab_is_init(const struct kp_symtab *st, const char *name);

/* The one that kp_symtab_find() finds must not be called through a pointer. */
bool kp_symtab_is_sealed(const struct kp_symtab *st, const char *name, bool local);

/* The one that kp_symtab_find() finds is read-only since vmlinux has started. */
bool kp_symtab_is_read_only(const struct kp_symtab *st, const char *name, bool local);

/* All that have this name are local, each to an object. */
bool kp_symtab_all_local(const struct kp_symtab *st, const char *name);

/* The kernel has this weak symbol of the object from elsewhere. */
bool kp_symtab_overridden(const struct kp_symtab *st, const char *name);

struct kp_export {
	const char *name;
	const char *module;	/* "vmlinux", or a module's name */
	bool has_namespace;
};

struct kp_exports *kp_exports_read(struct kp_arena *a, const char *path);
const struct kp_export *kp_export_find(const struct kp_exports *ex, const char *name);

#endif
