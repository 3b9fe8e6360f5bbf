// SPDX-License-Identifier: GPL-2.0
// The entries of a table need no names (those for PCI devices, since 4.19).
// EXPECT 2
// SAYS a PCI fixup
#include "kern.h"
#define FIXUP(hook)							\
	asm(".pushsection .pci_fixup_final,\"a\"\n"			\
	    ".short 1, 2\n.long 3, 4, " #hook " - .\n.popsection")
void quirk(int x) { helper(x); }
FIXUP(quirk);
#ifdef PATCHED
FIXUP(quirk);
#endif
