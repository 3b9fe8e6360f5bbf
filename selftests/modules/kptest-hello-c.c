// SPDX-License-Identifier: GPL-2.0
#define KPTEST_WHO	"c"
#define KPTEST_REPLACE	true
#include "kptest-hello.h"
