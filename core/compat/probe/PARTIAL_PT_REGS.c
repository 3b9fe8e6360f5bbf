// SPDX-License-Identifier: GPL-2.0
// until 4.0: system calls save a part of the registers only, as a rule
#define __FRAME_OFFSETS
#include <asm/ptrace-abi.h>

long kp_probe = ARGOFFSET;
