// SPDX-License-Identifier: GPL-2.0
#define KT_VERSION 1
#include "kpatch-test-patch.h"
