/* SPDX-License-Identifier: GPL-2.0 */
/* The compressed symbol table that the kernel carries inside itself. */
#ifndef KP_KALLSYMS_H
#define KP_KALLSYMS_H

#include "symtab.h"

/*
 * Look for the tables in one region of an image and add every symbol to t.
 * addr is the region's address.  1: found, 0: not here, -1: out of memory.
 */
int kallsyms_read(struct bytes region, uint64_t addr, struct symtab *t);

#endif
