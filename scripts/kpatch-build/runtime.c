// SPDX-License-Identifier: GPL-2.0
/*
 * Constants that the kernel writes into its code at boot (runtime_const_ptr()
 * and friends, since 6.11): a table "runtime_ptr_NAME" says where the value of
 * the variable NAME belongs. Nobody does that for a module, and its code would
 * run with the placeholder. What is in the place of
 *
 *	movabs $placeholder, %reg
 *
 * can be a load of the variable, which is as good:
 *
 *	mov NAME(%rip), %reg
 *	nop
 */
#include <string.h>

#include "clone.h"
#include "log.h"

#define POINTER		"runtime_ptr_"
#define IMM_LEN		8	/* of movabs, behind REX and opcode */
#define LOAD_LEN	7
#define LOAD_DISP	3	/* where the displacement is in the load */

static const char *owner_name(const struct kp_entry *en)
{
	return en->owner->sym ? en->owner->sym->name : en->owner->sec->name;
}

/* The variable, which the object refers to by the name of the table only. */
static struct kp_symbol *variable(struct kp_diff *d, const char *name)
{
	struct kp_symbol *s = kp_find_symbol(d->patched.elf, name);

	if (s)
		return s;
	s = kp_symbol_new(d->patched.elf, name);
	s->bind = STB_GLOBAL;
	return s;
}

/* movabs -> mov */
static int write_load(const struct kp_entry *en, unsigned char *insn)
{
	static const unsigned char nop3[] = { 0x0f, 0x1f, 0x00 };
	unsigned int reg = insn[1] & 7;
	bool high = insn[0] & 1;

	if ((insn[0] & 0xfe) != 0x48 || (insn[1] & 0xf8) != 0xb8)
		return kp_err("%s(): an entry of %s does not lead to a movabs; is that another kernel's layout?",
			      owner_name(en), en->sec->name);
	insn[0] = high ? 0x4c : 0x48;
	insn[1] = 0x8b;
	insn[2] = (unsigned char)(reg << 3 | 5);
	memset(insn + LOAD_DISP, 0, 4);
	memcpy(insn + LOAD_LEN, nop3, sizeof(nop3));
	return 0;
}

int kp_load_boot_constant(struct kp_clone *c, const struct kp_entry *en)
{
	struct kp_rela *entry = kp_first_rela(en->sec, en->offset);
	struct kp_ref ref = kp_resolve(&c->d->patched, en->sec, entry);
	struct kp_elem *f = en->owner;
	struct kp_rela load = { .type = R_X86_64_PC32, .addend = -4, .tail = 4 };
	struct kp_place at = { .sec = f->out };
	int ret;

	if (!kp_starts(en->sec->name, POINTER))
		return kp_refuse("%s() has a constant that the kernel writes into its code at boot (section %s), and not into a module's; leave this function as it is, or use the variable there: #undef the macro runtime_const_... in the patched file and #define it without the constant",
				 owner_name(en), en->sec->name);
	if (ref.elem != f || !f->out->data || ref.off < 2 || ref.off > f->end - f->start ||
	    f->end - f->start - ref.off < IMM_LEN)
		return kp_err("%s(): an entry of %s leads out of the function", owner_name(en),
			      en->sec->name);
	at.off = f->out_start + ref.off - 2;
	ret = write_load(en, f->out->data + at.off);
	if (ret)
		return ret;
	at.off += LOAD_DISP;
	load.offset = f->start + ref.off - 2 + LOAD_DISP;
	load.sym = variable(c->d, en->sec->name + strlen(POINTER));
	return kp_clone_rela(c, &at, f->sec, &load);
}
