// SPDX-License-Identifier: GPL-2.0
#define KT_KEY "jiffies"
#define KT_DEST -4UL
#include "kpatch-test-early.h"
