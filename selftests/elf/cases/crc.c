// SPDX-License-Identifier: GPL-2.0
// CONFIG_MODVERSIONS: the type of an export changes.
// EXPECT 2
// SAYS the exported symbol f changes
#include "kern.h"
#ifdef PATCHED
asm(".globl __crc_f\n.set __crc_f, 0x1234\n");
#else
asm(".globl __crc_f\n.set __crc_f, 0x1235\n");
#endif
int f(int x) { return helper(x + 1); }
