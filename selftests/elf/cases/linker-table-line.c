// SPDX-License-Identifier: GPL-2.0
// The same entry under a name with another line number is not new, and neither
// is what is new in ordinary sections, used or not.
// CHANGED f
// HASNOT .pci_fixup_final
#include "kern.h"
struct fixup { unsigned short vendor, device; void (*hook)(int); };
static void quirk(int x) { helper(x); }
#define FIXUP(line)							\
	static const struct fixup __pci_fixup_quirk##line __used	\
	__attribute__((__section__(".pci_fixup_final"))) = { 1, 2, quirk }
#ifdef PATCHED
FIXUP(120);
static int extra __read_mostly __used = 3;
static const int extra_ro[4] __used = { 1, 2, 3, 4 };
static int extra_init __used __attribute__((__section__(".init.data"))) = 3;
static int extra_pcpu __used __attribute__((__section__(".data..percpu")));
#else
FIXUP(118);
#endif
int f(int x)
{
#ifdef PATCHED
	pr_debug("new");
	x++;
#endif
	return helper(x);
}
