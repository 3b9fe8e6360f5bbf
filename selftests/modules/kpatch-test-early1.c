// SPDX-License-Identifier: GPL-2.0
#define KT_KEY "kpatch_test_no_such_key"
#define KT_DEST (table + 1)
#include "kpatch-test-early.h"
