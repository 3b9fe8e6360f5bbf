// SPDX-License-Identifier: GPL-2.0
// The kernel's list of BTF ids is used, by the name that carries no counter.
// CHANGED f
// SAME g
// RELOC vmlinux.list,0
// NORELOC __BTF_ID__
// HASNOT .BTF_ids
#include "kern.h"
asm(BTF_ID_LIST(first) ".zero 4\n"
    ".local list\nlist:\n" BTF_ID(struct, sock, 2) ".zero 4\n" BTF_END);
extern unsigned int first[], list[];
int f(unsigned int id)
{
#ifdef PATCHED
	if (id == 77)
		return helper(id);
#endif
	return list[1] == id;
}
int g(unsigned int id) { return first[0] == id; }
