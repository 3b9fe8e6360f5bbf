// SPDX-License-Identifier: GPL-2.0
#define KT_VERSION 2
#include "kpatch-test-patch.h"
