// SPDX-License-Identifier: GPL-2.0
// A new entry of a table that the linker collects: nothing in the patch uses it,
// the kernel walks the table.
// EXPECT 2
// SAYS __thermal_table_entry_b in __governor_thermal_table
#include "kern.h"
struct gov { const char *name; int (*bind)(int); };
#define GOVERNOR(name)							\
	static struct gov *__thermal_table_entry_##name __used		\
	__attribute__((__section__("__governor_thermal_table"))) = &name
static int bind(int x) { return helper(x); }
static struct gov a = { "a", bind };
GOVERNOR(a);
#ifdef PATCHED
static int bind2(int x) { return helper(x + 1); }
static struct gov b = { "b", bind2 };
GOVERNOR(b);
#endif
