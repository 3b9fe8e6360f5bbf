// SPDX-License-Identifier: GPL-2.0
#define ABI_HOOKS	1
#define ABI_VERSION	4
#include "kpatch-test-abi.h"
