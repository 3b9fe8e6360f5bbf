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

#ifdef CONFIG_HAVE_STATIC_CALL
#include <linux/static_call.h>

#define unexported(name)	static_call(kp_##name)
#define UNEXPORTED_SLOT(name)	DEFINE_STATIC_CALL_NULL(kp_##name, name)
#define UNEXPORTED_SET(name, addr) \
	static_call_update(kp_##name, (typeof(&name))(addr))
#else
#define unexported(name)	kp_##name
#define UNEXPORTED_SLOT(name)	static typeof(&(name)) kp_##name
#define UNEXPORTED_SET(name, addr) \
	(kp_##name = (typeof(&(name)))(addr))
#endif

/* The relocations of the one object that these patches have. */
static LIST_HEAD(dynrelas);

#define UNEXPORTED_RELA(sym, place)					\
static struct kpatch_dynrela kp_rela_##sym = {				\
	.name	= #sym,							\
	.dest	= (unsigned long)&(place),				\
	.type	= R_X86_64_64,						\
}

#define UNEXPORTED_FUNC(sym)						\
UNEXPORTED_SLOT(sym);							\
static unsigned long kp_addr_##sym;					\
UNEXPORTED_RELA(sym, kp_addr_##sym);					\
static int find_##sym(void)						\
{									\
	if (kp_addr_##sym)						\
		UNEXPORTED_SET(sym, kp_addr_##sym);			\
	else								\
		list_add_tail(&kp_rela_##sym.list, &dynrelas);		\
	return 0;							\
}									\
UNEXPORTED_SLOT_END(sym)

#define UNEXPORTED_DATA(sym)						\
static typeof(sym) *kp_##sym;						\
UNEXPORTED_RELA(sym, kp_##sym);						\
static int find_##sym(void)						\
{									\
	if (!kp_##sym)							\
		list_add_tail(&kp_rela_##sym.list, &dynrelas);		\
	return 0;							\
}									\
UNEXPORTED_SLOT_END(sym)
#define unexported_data(sym)	(*kp_##sym)

/* Swallows the semicolon after the two above. */
#define UNEXPORTED_SLOT_END(sym) struct kp_##sym##_end

static inline int unexported_init(void)
{
	return 0;
}

#endif /* SAMPLES_KPATCH_DYNRELA_H */
