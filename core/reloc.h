/* SPDX-License-Identifier: GPL-2.0 */
/* Relocations of patch modules: the only writer of text. */
#ifndef _KP_RELOC_H
#define _KP_RELOC_H

#include <linux/list.h>
#include <linux/types.h>

struct module;

/**
 * struct kp_reloc - a relocation that the module loader could not do
 * @dest:	where to write, in the patch module
 * @src:	the symbol's address; found when the object is linked
 * @type:	R_X86_64_*
 * @sympos:	see struct kp_symbol
 * @name:	the symbol
 * @addend:	added to @src
 * @external:	the symbol is not the object's: it is exported or the patch
 *		module's own
 * @node:	in kp_object.relocs
 * @priv:	the front end's
 */
struct kp_reloc {
	unsigned long dest;
	unsigned long src;
	unsigned long type;
	unsigned long sympos;
	const char *name;
	long addend;
	bool external;
	struct list_head node;
	void *priv;

	/* private: */
	bool applied;
	bool kept;
};

int kp_reloc_init(void);

/* Writes one relocation whose @src is known; refuses what does not fit. */
int kp_reloc_apply(struct module *mod, struct kp_reloc *reloc);
/* Makes the field zero again, as it is in the module file. */
void kp_reloc_clear(struct kp_reloc *reloc);
/* From now on it stays as it is: code that tasks may run refers to it. */
void kp_reloc_keep(struct kp_reloc *reloc);
/*
 * Replaces the compiler's nop of 5 bytes by @nop, in code that does not run yet.
 * Does nothing if something else is there.
 */
void kp_reloc_nop(unsigned long addr, const void *nop);

#endif /* _KP_RELOC_H */
