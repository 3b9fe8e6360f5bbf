// SPDX-License-Identifier: GPL-2.0
/*
 * Lengths of x86-64 instructions. Each opcode is a letter in a map:
 *
 *   .  nothing follows     m  ModRM                 -  no instruction
 *   b  imm8                B  ModRM, imm8           j  rel8
 *   z  imm16 or imm32      Z  ModRM, imm16/32       J  rel32
 *   w  imm16               e  imm16, imm8           o  64-bit address
 *   v  imm16/32/64         f  ModRM, for /0 and /1 imm8 (F: imm16/32)
 *   r  ModRM that is always two registers
 */
#include <stdint.h>
#include <string.h>

#include "insn.h"

static const char one_byte[] =
	"mmmmbz--mmmmbz--" "mmmmbz--mmmmbz--" "mmmmbz--mmmmbz--" "mmmmbz--mmmmbz--"
	"----------------" "................" "---m----zZbB...." "jjjjjjjjjjjjjjjj"
	"BZ-Bmmmmmmmmmmmm" "..........-....." "oooo....bz......" "bbbbbbbbvvvvvvvv"
	"BBw.--BZe.w..b-." "mmmm---.mmmmmmmm" "jjjjbbbbJJ-j...." "-.--..fF......mm";

static const char two_bytes[] =		/* behind 0f */
	"mmmm-.....-.-m.B" "mmmmmmmmmmmmmmmm" "rrrr----mmmmmmmm" "......-.--------"
	"mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "BBBBmmm.mm--mmmm"
	"JJJJJJJJJJJJJJJJ" "mmmmmmmmmmmmmmmm" "...mBmmm...mBmmm" "mmmmmmmmmmBmmmmm"
	"mmBmBBBm........" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm";

struct decoder {
	const unsigned char *p;
	size_t room, at;
	bool word;		/* 66 */
	bool wide;		/* REX.W */
	struct kp_insn *insn;
};

/* The byte at the cursor; behind the end zeros, which the last check finds. */
static unsigned char peek(const struct decoder *c)
{
	return c->at < c->room ? c->p[c->at] : 0;
}

static unsigned char next(struct decoder *c)
{
	unsigned char byte = peek(c);

	c->at++;
	return byte;
}

static void skip_prefixes(struct decoder *c)
{
	while (c->at < 14 && peek(c) &&
	       memchr("\x66\x67\xf2\xf3\xf0\x2e\x36\x3e\x26\x64\x65", peek(c), 11))
		c->word |= next(c) == 0x66;
	if ((peek(c) & 0xf0) == 0x40)
		c->wide = next(c) & 8;
}

/* The letter of a VEX or EVEX instruction, at its first byte behind the escape. */
static char vector_opcode(struct decoder *c, unsigned int payload)
{
	unsigned int map = payload > 1 ? peek(c) & (payload == 3 ? 7 : 0x1f) : 1;
	unsigned char op;

	c->at += payload;
	op = next(c);
	if (map == 1)
		return two_bytes[op] == 'J' || two_bytes[op] == 'r' ? 'm' : two_bytes[op];
	if (map == 3)
		return 'B';
	return map == 2 || map == 5 || map == 6 ? 'm' : '-';
}

static char opcode(struct decoder *c)
{
	unsigned char op = next(c);

	if (op == 0xc5)
		return vector_opcode(c, 1);
	if (op == 0xc4)
		return vector_opcode(c, 2);
	if (op == 0x62)
		return vector_opcode(c, 3);
	if (op == 0x8f && (peek(c) & 0x38))
		return '-';	/* AMD's XOP, which no kernel has */
	if (op != 0x0f) {
		if (op >= 0xb8 && op <= 0xbf && c->wide)
			return 'o';	/* as long */
		return one_byte[op];
	}
	op = next(c);
	if (op == 0x38 || op == 0x3a) {
		next(c);
		return op == 0x38 ? 'm' : 'B';
	}
	return two_bytes[op];
}

static void relative(struct decoder *c, unsigned int width, bool branch)
{
	c->insn->field = (unsigned int)c->at;
	c->insn->width = width;
	c->insn->branch = branch;
	c->at += width;
}

/* Returns the middle three bits. */
static unsigned int modrm(struct decoder *c)
{
	unsigned char byte = next(c), mod = byte >> 6, rm = byte & 7;

	if (mod == 3)
		return byte >> 3 & 7;
	if (rm == 4) {
		unsigned char sib = next(c);

		if (mod == 0 && (sib & 7) == 5)
			c->at += 4;
	} else if (rm == 5 && mod == 0) {
		relative(c, 4, false);
	}
	c->at += mod == 1 ? 1 : mod == 2 ? 4 : 0;
	return byte >> 3 & 7;
}

static bool operands(struct decoder *c, char letter)
{
	unsigned int z = c->word && !c->wide ? 2 : 4;

	if (memchr("mBZ", letter, 3))
		modrm(c);
	switch (letter) {
	case '.': case 'm':
		return true;
	case 'b': case 'B': case 'r':
		c->at++;
		return true;
	case 'z': case 'Z': case 'v':
		c->at += z;
		return true;
	case 'w':
		c->at += 2;
		return true;
	case 'e':
		c->at += 3;
		return true;
	case 'o':
		c->at += 8;
		return true;
	case 'f':
		c->at += modrm(c) < 2 ? 1 : 0;
		return true;
	case 'F':
		c->at += modrm(c) < 2 ? z : 0;
		return true;
	case 'j': case 'J':
		relative(c, letter == 'j' ? 1 : 4, true);
		return true;
	default:
		return false;
	}
}

bool kp_insn_decode(const unsigned char *p, size_t room, struct kp_insn *insn)
{
	struct decoder c = { .p = p, .room = room, .insn = insn };

	memset(insn, 0, sizeof(*insn));
	skip_prefixes(&c);
	if (!operands(&c, opcode(&c)) || c.at > room)
		return false;
	insn->len = (unsigned int)c.at;
	return true;
}
