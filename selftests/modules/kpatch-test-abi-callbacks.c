// SPDX-License-Identifier: GPL-2.0
#define ABI_HOOKS	0
#define ABI_VERSION	5
#include "kpatch-test-abi.h"
