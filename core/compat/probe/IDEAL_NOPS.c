// SPDX-License-Identifier: GPL-2.0
// to 5.12: nops are chosen at boot
#include <asm/nops.h>

const unsigned char * const **kp_probe = &ideal_nops;
int kp_probe_index = NOP_ATOMIC5;
