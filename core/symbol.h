/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses of symbols: the only user of kallsyms. */
#ifndef _KP_SYMBOL_H
#define _KP_SYMBOL_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>

#include "compat/call.h"

/**
 * struct kp_part - a piece of a function that the compiler has put elsewhere
 * @next:	another piece, or NULL
 * @addr:	its address
 * @size:	its length
 */
struct kp_part {
	struct kp_part *next;
	unsigned long addr;
	unsigned long size;
};

/**
 * struct kp_symbol - a question to kp_symbols_find()
 * @name:	the symbol
 * @sympos:	which of those with this name (from 1), or 0: must be unique
 * @addr:	answer: the address
 * @count:	answer: how many have this name
 * @parts:	not NULL: it is a function, and its parts are to go to this list,
 *		which is empty; kp_parts_free() must follow
 *
 * kp_symbol_found() says whether the answer is a good one.
 */
struct kp_symbol {
	const char *name;
	unsigned long sympos;
	unsigned long addr;
	unsigned long count;
	struct kp_part **parts;

	/* private: */
	struct hlist_node node;
};

/* Finds what this file needs itself; must be called before all others. */
int kp_symbol_init(void);

/*
 * Finds the @nr symbols @syms in @mod, or in vmlinux if @mod is NULL, all of
 * them in one pass over the table, which may be preempted at any time.  The
 * caller keeps @mod from going away, and looks at the answers: an error means
 * that there are none.
 */
int kp_symbols_find(struct module *mod, struct kp_symbol *syms,
		    unsigned int nr);
void kp_parts_free(struct kp_part **parts);
bool kp_symbol_found(const struct kp_symbol *sym);
/* Says in the log what is wrong with an answer: -ENOENT, -EINVAL (not unique). */
int kp_symbol_missing(const struct kp_symbol *sym, const char *where);

/*
 * The address of any symbol of vmlinux, the first if there are several, or 0.
 * For data of the kernel that modules cannot link to; functions: see below.  Can
 * sleep.
 */
unsigned long kp_symbol_lookup(const char *name);

/* That of what is exported under this name, or 0; see kp_external_answer().  Can sleep. */
unsigned long kp_symbol_exported(const char *name);

/* The address of a symbol of @mod, the first if there are several, or 0.  Can sleep. */
unsigned long kp_symbol_in_module(struct module *mod, const char *name);

/* The same for a symbol of any module.  It stays there as long as that module. */
unsigned long kp_symbol_of_modules(const char *name);

/*
 * Functions of the kernel that modules cannot link to.  They are never called
 * through a pointer: see compat/call.h.
 *
 * DEFINE_KP_UNEXPORTED(), at file scope, says that this file wants to call
 * @name: its return type, and its arguments in parentheses.
 * kp_find() looks for it, kp_find_as() under another name.  Both say whether
 * it is there, and can sleep.
 * kp_found() says what the last one said.
 * kp_call(name)(args...) calls it.  In any context, but only if it was found.
 */
#define DEFINE_KP_UNEXPORTED(ret, name, args)				\
	extern ret kp_proto_##name args;				\
	static bool kp_found_##name;					\
	KP_DEFINE_CALL(kp_unexported_##name, kp_proto_##name)
#define kp_find(name)		kp_find_as(name, #name)
#define kp_find_as(name, symbol)	\
	kp_find_at(name, kp_symbol_lookup(symbol))
#define kp_find_at(name, address)					\
({									\
	unsigned long kp_addr = (address);				\
									\
	if (kp_addr)							\
		kp_set_call(kp_unexported_##name, kp_proto_##name, kp_addr); \
	kp_found_##name = kp_addr != 0;					\
})
#define kp_found(name)		READ_ONCE(kp_found_##name)
#define kp_call(name)		kp_do_call(kp_unexported_##name)

/* The name of what is at @addr, or something else; the caller frees it.  Or NULL. */
char *kp_symbol_name(unsigned long addr);

/* Size of the function or object at @addr, or 0. */
unsigned long kp_symbol_size(unsigned long addr);

/* Is it in the code of vmlinux that stays when the kernel has booted? */
bool kp_symbol_is_text(unsigned long addr);

/* How far into its function @addr is.  False: it is in none. */
bool kp_symbol_offset(unsigned long addr, unsigned long *offset);

/*
 * The module called @name, or NULL, and its *@state: if that is COMING it is being
 * loaded, and complete.  Holds no reference: as long as notifiers of its going have
 * not been called, the caller's lock keeps the caller's waiting.
 */
struct module *kp_find_module(const char *name, enum module_state *state);

#endif /* _KP_SYMBOL_H */
