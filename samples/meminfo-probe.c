// SPDX-License-Identifier: GPL-2.0
/*
 * Not a sample and never compiled: Kbuild preprocesses this file with the
 * kernel's own flags, and meminfo-have.awk lists what is declared in it.
 * So meminfo-show.h can ask with #ifdef for what the preprocessor alone cannot
 * see: enumerators and functions.
 */
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/swap.h>
#include <linux/vmalloc.h>
#ifdef __has_include
#if __has_include("linux/zswap.h")
#include <linux/zswap.h>
#endif
#endif
