/* SPDX-License-Identifier: GPL-2.0 */
/* How long is an instruction, and which of its bytes are relative to its end? */
#ifndef KP_INSN_H
#define KP_INSN_H

#include <stdbool.h>
#include <stddef.h>

struct kp_insn {
	unsigned int len;
	unsigned int field;	/* where the relative operand is; 0: there is none */
	unsigned int width;	/* its bytes: 1 or 4 */
	bool branch;		/* a jump's or call's; else the displacement of (%rip) */
};

/* The instruction at @p; false if it is none that is known, or longer than @room. */
bool kp_insn_decode(const unsigned char *p, size_t room, struct kp_insn *insn);

#endif
