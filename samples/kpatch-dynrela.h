/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unexported.h for kpatch.ko: the same macros, but the addresses come from the
 * engine.
 *
 * A dynrela is a relocation that the engine applies when it registers the
 * patch: "write the address of that symbol to this place".  It can name any
 * symbol of vmlinux, or of a module that may be loaded much later.  Build tools
 * have it written straight into the instructions that need it; C cannot say
 * that, so here the places are variables.
 *
 * The order is: find_<name>() puts the dynrela on the list.  kpatch_register()
 * fills in the address.  find_<name>() again, in the pre-patch callback, puts
 * it into the static call that unexported(<name>) is (why a static call and not
 * a pointer, see unexported.h).
 */
#ifndef SAMPLES_KPATCH_DYNRELA_H
#define SAMPLES_KPATCH_DYNRELA_H
#define SAMPLES_UNEXPORTED_H	/* takes its place */

#include <linux/elf.h>
#include <linux/kernel.h>

#include "../core/kpatch.h"
#include "static-call.h"

/* The relocations of the one object that these patches have. */
static LIST_HEAD(dynrelas);

/* Called with its address still unknown it asks for it, later it takes it. */
#define UNEXPORTED_FUNC(sym)						\
DEFINE_STATIC_CALL_NULL(kp_##sym, sym);				\
static unsigned long kp_addr_##sym;					\
static int find_##sym(void)						\
{									\
	static struct kpatch_dynrela rela = {				\
		.name	= #sym,					\
		.dest	= (unsigned long)&kp_addr_##sym,		\
		.type	= R_X86_64_64,					\
	};								\
									\
	if (kp_addr_##sym)						\
		static_call_update(kp_##sym,				\
				   (__typeof__(sym) *)kp_addr_##sym);	\
	else if (!rela.list.next) /* it may be asked for twice */	\
		list_add_tail(&rela.list, &dynrelas);			\
	return 0;							\
}									\
struct kp_##sym##_end	/* takes the semicolon */
#define unexported(sym)	static_call(kp_##sym)

/* The same for a variable, which is then read as unexported_data(<name>). */
#define UNEXPORTED_DATA(sym)						\
static __typeof__(sym) *kp_##sym;					\
static int find_##sym(void)						\
{									\
	static struct kpatch_dynrela rela = {				\
		.name	= #sym,					\
		.dest	= (unsigned long)&kp_##sym,			\
		.type	= R_X86_64_64,					\
	};								\
									\
	if (!kp_##sym && !rela.list.next)				\
		list_add_tail(&rela.list, &dynrelas);			\
	return 0;							\
}									\
struct kp_##sym##_end
#define unexported_data(sym)	(*kp_##sym)

static inline int unexported_init(void)
{
	return 0;
}

#endif /* SAMPLES_KPATCH_DYNRELA_H */
