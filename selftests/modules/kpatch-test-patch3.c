// SPDX-License-Identifier: GPL-2.0
/* One whose author has chosen the model. */
#define KT_VERSION 3
#include "kpatch-test-patch.h"

KPATCH_MODEL("refcount");
