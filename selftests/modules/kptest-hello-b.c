// SPDX-License-Identifier: GPL-2.0
#define KPTEST_WHO	"b"
#define KPTEST_REPLACE	false
#include "kptest-hello.h"
