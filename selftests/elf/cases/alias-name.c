// SPDX-License-Identifier: GPL-2.0
// A table of devices has a second name, which kallsyms leaves out.
// NOSYM __mod_device_table__kmod_x__pci__ids
// CHANGED f
// RELOC vmlinux.ids,0
#include "kern.h"
struct id { unsigned int vendor, device; long data; };
static const struct id ids[] = { { 1, 2, 3 }, { 4, 5, 6 }, { 0 } };
static typeof(ids) __mod_device_table__kmod_x__pci__ids
	__attribute__((__used__, __alias__("ids")));
const void *driver[1] = { ids };
int match(const struct id *t, int x);
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return match(ids, x);
}
