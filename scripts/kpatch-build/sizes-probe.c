// SPDX-License-Identifier: GPL-2.0
/*
 * Compiled in the kernel's tree (make M=... sizes-probe.o), never linked: the
 * sizes of the entries of special sections, for create-diff-object --sizes.
 */
#include <linux/bug.h>
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <asm/alternative.h>
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
#include <linux/static_call.h>
#endif

struct record {
	char name[28];
	unsigned int size;
};

#define RECORD(id, section, type)					\
	static const struct record record_##id				\
	__attribute__((__used__, __section__(".kpatch.sizes"), __aligned__(4))) = { \
		section, sizeof(type)					\
	}

RECORD(alt, ".altinstructions", struct alt_instr);
RECORD(ex, "__ex_table", struct exception_table_entry);
#ifdef CONFIG_GENERIC_BUG
RECORD(bug, "__bug_table", struct bug_entry);
#endif
#ifdef CONFIG_JUMP_LABEL
RECORD(jump, "__jump_table", struct jump_entry);
#endif
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
RECORD(static_call, ".static_call_sites", struct static_call_site);
#endif
