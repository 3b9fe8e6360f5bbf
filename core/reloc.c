// SPDX-License-Identifier: GPL-2.0
/*
 * Relocations of patch modules.
 *
 * A patch refers to symbols that no module can link to, or that are in modules
 * which are not loaded yet.  The module loader cannot do that, so its builder
 * hands us the relocations.  They are written when the object that they refer
 * to is there.  Those of a module are taken back when it goes, or the patch
 * does: either may come back, and find other addresses.
 *
 * Nothing outside the patch module's own memory is ever written, and nothing
 * in it that runs: its functions are called only when it has been linked.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/elf.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "compat.h"
#include "compat/module.h"
#include "reloc.h"
#include "symbol.h"

/* asm/elf.h has it since 4.19. */
#ifndef R_X86_64_PC64
#define R_X86_64_PC64	24
#endif

/* Both of the kernel's; text_poke() writes through a mapping of its own. */
DEFINE_KP_UNEXPORTED(void *, text_poke,
		     (void *addr, const void *opcode, size_t len));
static struct mutex *text_mutex_ptr;

int kp_reloc_init(void)
{
	text_mutex_ptr = (void *)kp_symbol_lookup("text_mutex");
	if (!kp_find(text_poke) || !text_mutex_ptr) {
		pr_err("cannot find %s\n",
		       kp_found(text_poke) ? "text_mutex" : "text_poke");
		return -ENXIO;
	}
	return 0;
}

static void kp_write(void *dest, const void *val, size_t size)
{
	mutex_lock(text_mutex_ptr);
	kp_call(text_poke)(dest, val, size);
	mutex_unlock(text_mutex_ptr);
}

/* The value of a relocation and its size, 0 if there is nothing to write. */
static int kp_reloc_value(const struct kp_reloc *reloc, s64 *val, size_t *size)
{
	s64 sum = reloc->src + reloc->addend;

	*size = 4;
	switch (reloc->type) {
	case R_X86_64_NONE:
		*size = 0;
		return 0;
	case R_X86_64_64:
		*size = 8;
		*val = sum;
		return 0;
	case R_X86_64_PC64:
		*size = 8;
		*val = sum - (s64)reloc->dest;
		return 0;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		*val = sum - (s64)reloc->dest;
		return *val == (s32)*val ? 0 : -EOVERFLOW;
	case R_X86_64_32S:
		*val = sum;
		return *val == (s32)*val ? 0 : -EOVERFLOW;
	case R_X86_64_32:
		*val = sum;
		return *val == (u32)*val ? 0 : -EOVERFLOW;
	default:
		return -EINVAL;
	}
}

int kp_reloc_apply(struct module *mod, struct kp_reloc *reloc)
{
	size_t size;
	s64 val = 0;
	int ret = kp_reloc_value(reloc, &val, &size);

	if (ret == -EINVAL) {
		pr_err("%s: relocation for '%s' has unknown type %lu\n",
		       mod->name, reloc->name, reloc->type);
		return ret;
	}
	if (ret) {
		pr_err("%s: '%s' is out of reach of its relocation (type %lu)\n",
		       mod->name, reloc->name, reloc->type);
		return ret;
	}
	if (!size)
		return 0;
	if (!kp_module_core(mod, reloc->dest, size)) {
		pr_err("%s: relocation for '%s' is outside of the module\n",
		       mod->name, reloc->name);
		return -EINVAL;
	}

	/* Left there by the patch's last time. */
	if (!memcmp((void *)reloc->dest, &val, size)) {
		reloc->applied = true;
		return 0;
	}
	if (reloc->kept) {
		pr_err("%s: '%s' has moved, and tasks may still run code that refers to where it was\n",
		       mod->name, reloc->name);
		return -EBUSY;
	}
	/*
	 * Such fields are zero in the module file.  If one is not, the kernel
	 * has replaced the instruction around it (alternatives, paravirt).
	 */
	if (memchr_inv((void *)reloc->dest, 0, size)) {
		pr_notice("%s: left out the relocation for '%s': the kernel has changed the instruction\n",
			  mod->name, reloc->name);
		return 0;
	}
	kp_write((void *)reloc->dest, &val, size);
	reloc->applied = true;
	return 0;
}

void kp_reloc_clear(struct kp_reloc *reloc)
{
	static const u64 zero;
	size_t size;
	s64 val = 0;

	if (!reloc->applied || reloc->kept)
		return;
	reloc->applied = false;
	/* What the patch has put there itself is not ours to take away. */
	if (kp_reloc_value(reloc, &val, &size) ||
	    memcmp((void *)reloc->dest, &val, size))
		return;
	kp_write((void *)reloc->dest, &zero, size);
}

void kp_reloc_keep(struct kp_reloc *reloc)
{
	reloc->kept = reloc->applied;
}

void kp_reloc_nop(unsigned long addr, const void *nop)
{
	static const unsigned char made[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

	if (!memcmp((void *)addr, made, sizeof(made)) &&
	    memcmp(nop, made, sizeof(made)))
		kp_write((void *)addr, nop, sizeof(made));
}
