/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every test patch needs.
 */
#ifndef KPTEST_PATCH_H
#define KPTEST_PATCH_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/livepatch.h>

#endif /* KPTEST_PATCH_H */
