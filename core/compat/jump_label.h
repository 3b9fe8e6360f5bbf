/* SPDX-License-Identifier: GPL-2.0 */
/* Jump tables of modules, and the nops in them. */
#ifndef _KP_COMPAT_JUMP_LABEL_H
#define _KP_COMPAT_JUMP_LABEL_H

#include "kp_config.h"

#include <linux/jump_label.h>
#include <linux/module.h>
#include <asm/nops.h>

#if KP_HAVE_MODULE_JUMP_ENTRIES
static inline unsigned long kp_jump_code(const struct jump_entry *entry)
{
#if KP_HAVE_JUMP_ENTRY_CODE
	return jump_entry_code(entry);
#else
	return entry->code;
#endif
}

/*
 * The nop that the kernel uses for jump labels on this processor. @ideal_nops:
 * address of the variable of that name.  NULL: the one that the compiler makes.
 */
static inline const void *kp_jump_nop(const void *ideal_nops)
{
#if KP_HAVE_IDEAL_NOPS
	const unsigned char * const * const *nops = ideal_nops;

	return (*nops)[NOP_ATOMIC5];
#else
	return NULL;
#endif
}
#endif /* KP_HAVE_MODULE_JUMP_ENTRIES */

#endif /* _KP_COMPAT_JUMP_LABEL_H */
