// SPDX-License-Identifier: GPL-2.0
// For kpatch.ko, too, a static key of the patched module comes too late.
// EXPECT 2
// CORE kpatch
// PARENT some_module
// SAYS static_key_enabled(&key)
#include "static-key-module.c"
