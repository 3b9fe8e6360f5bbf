// SPDX-License-Identifier: GPL-2.0
/*
 * Where does a relocation point? The assembler writes references to local
 * symbols as section + addend; this turns them back into an element.
 */
#include <string.h>

#include "diff.h"

/*
 * Bytes of immediate operand behind a rip-relative displacement at @p. @p[-1]
 * is then a ModRM byte with mod 0 and r/m 5, @p[-2] the opcode. Only opcodes
 * that have both ModRM and an immediate matter.
 */
static int imm_behind(const unsigned char *p, size_t room)
{
	/* it may also be the last byte of the instruction before */
	bool two = room >= 3 && p[-3] == 0x0f;
	unsigned int op, reg;
	bool word;

	if (room < 2 || (p[-1] & 0xc7) != 0x05)
		return 0;	/* a branch or call: the displacement ends it */
	op = p[-2];
	reg = p[-1] >> 3 & 7;
	word = (room >= 3 && p[-3] == 0x66) || (room >= 4 && p[-4] == 0x66);
	switch (op) {
	case 0x80: case 0x83: case 0x6b: case 0xc6: case 0xba:
		return 1;
	case 0xc0: case 0xc1:
		return two ? 0 : 1;	/* xadd : shift by immediate */
	case 0x81: case 0x69:
		return word ? 2 : 4;
	case 0xc7:
		return reg ? 0 : word ? 2 : 4;	/* cmpxchg8b : mov */
	case 0xf6:
		return reg < 2 ? 1 : 0;
	case 0xf7:
		return reg < 2 ? (word ? 2 : 4) : 0;
	default:
		return 0;
	}
}

/* What to add to a relocation's addend to get the place that it means. */
int64_t kp_insn_tail(const struct kp_section *sec, const struct kp_rela *rela)
{
	if (rela->type != R_X86_64_PC32 && rela->type != R_X86_64_PLT32 &&
	    rela->type != R_X86_64_PC8)
		return 0;
	if (rela->tail)
		return rela->tail;
	if (!(sec->flags & SHF_EXECINSTR) || !sec->data)
		return 0;
	if (rela->type == R_X86_64_PC8)
		return 1;
	return 4 + imm_behind(sec->data + rela->offset, rela->offset);
}

/* __bug_table before 6.1: the second field is relative to the entry's start. */
static int64_t table_tail(const struct kp_side *side, const struct kp_section *from)
{
	if (side->bug_rel_entry && !strcmp(from->name, "__bug_table"))
		return -4;
	return 0;
}

bool kp_is_zero(const unsigned char *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

/* Size of the string at @off with its end, 0 if it has none. */
size_t kp_string_size(const struct kp_section *sec, uint64_t off)
{
	size_t step = sec->entsize ? sec->entsize : 1;

	for (uint64_t at = off; at + step <= sec->size; at += step)
		if (kp_is_zero(sec->data + at, step))
			return at + step - off;
	return 0;
}

/* Exactly the start of a terminated string? */
static bool is_string_start(const struct kp_section *sec, uint64_t off)
{
	size_t step = sec->entsize ? sec->entsize : 1;

	if (off >= sec->size || off % step || !kp_string_size(sec, off))
		return false;
	return off == 0 || kp_is_zero(sec->data + off - step, step);
}

/*
 * The variable that ends where @e starts, or NULL. Debug descriptors and the
 * like lie in rows too, but nobody loops over those.
 */
static struct kp_elem *in_front(const struct kp_elem *e)
{
	struct kp_elem *p = e->start ? kp_elem_at(e->sec, e->start - 1) : NULL;

	return p && p != e && p->sym && p->end == e->start && !kp_uncorrelated(p) ? p : NULL;
}

static uint64_t raw_point(const struct kp_section *from, const struct kp_rela *rela)
{
	return rela->sym->value + (uint64_t)rela->addend +
	       (uint64_t)kp_insn_tail(from, rela);
}

/* cmp $address, %reg: how a loop over an array ends. */
static bool is_compared(const struct kp_section *from, const struct kp_rela *rela)
{
	const unsigned char *p;

	if (!(from->flags & SHF_EXECINSTR) || !from->data || rela->offset < 2 ||
	    (rela->type != R_X86_64_32S && rela->type != R_X86_64_32))
		return false;
	p = from->data + rela->offset;
	return (p[-2] == 0x81 && (p[-1] & 0xf8) == 0xf8) ||
	       (p[-1] == 0x3d && (p[-2] & 0xf8) == 0x48);
}

/* The room in front of an aligned variable. */
static bool is_gap(const struct kp_elem *e)
{
	if (e->sym || e->end - e->start >= 64 || e->end >= e->sec->size)
		return false;
	kp_for_relas_in(e->sec, e->start, e->end, rela)
		return false;
	return !e->sec->data || kp_is_zero(e->sec->data + e->start, e->end - e->start);
}

/* mov $address, %reg, or lea: code that computes with an address. */
bool kp_is_loaded(const struct kp_section *from, const struct kp_rela *rela)
{
	const unsigned char *p;

	if (!(from->flags & SHF_EXECINSTR) || !from->data || rela->offset < 2)
		return false;
	p = from->data + rela->offset;
	if (rela->type == R_X86_64_PC32)
		return p[-2] == 0x8d;
	return (rela->type == R_X86_64_32S || rela->type == R_X86_64_32) &&
	       ((p[-1] & 0xf8) == 0xb8 || (p[-2] == 0xc7 && (p[-1] & 0xf8) == 0xc0));
}

static bool holds(const struct kp_elem *e, uint64_t point)
{
	return point >= e->start && (point < e->end || point == e->start);
}

/*
 * The array of which @point may be the end for the code that @rela is in, as it
 * also refers to a place in the array. A loop over &array[i].member ends behind
 * the array, as far as it begins behind the array's start: @exact is if @point
 * is that place, or the very end.
 */
static struct kp_elem *array_in_front(const struct kp_section *from,
				      const struct kp_rela *rela, uint64_t point, bool *exact)
{
	const struct kp_elem *user = kp_elem_at(from, rela->offset);
	struct kp_elem *array = NULL;

	*exact = false;
	if (!user)
		return NULL;
	kp_for_relas_in(from, user->start, user->end, r) {
		uint64_t at = raw_point(from, r), behind;
		struct kp_elem *e;

		if (r->sym->sec != rela->sym->sec)
			continue;
		e = kp_elem_at(r->sym->sec, at);
		if (!e || !e->sym || kp_uncorrelated(e) || !holds(e, at) || e->end > point)
			continue;
		behind = point - e->end;
		if (behind >= e->end - e->start)
			continue;
		array = e;
		*exact = !behind || at - e->start == behind;
		if (*exact)
			break;
	}
	return array;
}

/*
 * @rela points to @point, in @e. Is the end of an array in front of it meant?
 * Where the room between two variables starts, it is; in a variable, and
 * elsewhere in that room, if the code uses the array and compares a pointer
 * with the place.
 */
static struct kp_elem *past_array(const struct kp_section *from, const struct kp_rela *rela,
				  uint64_t point, struct kp_elem *e)
{
	bool gap = is_gap(e) && holds(e, point), exact;
	struct kp_elem *array;

	if (gap && point == e->start)
		return in_front(e) ? in_front(e) : e;
	if (!is_compared(from, rela) && !(gap && kp_is_loaded(from, rela)))
		return e;
	array = array_in_front(from, rela, point, &exact);
	return exact ? array : e;
}

/* Is it an access, and no address that code computes with? */
static bool is_access(const struct kp_section *from, const struct kp_rela *rela)
{
	const unsigned char *p;

	if (!(from->flags & SHF_EXECINSTR) || !from->data || rela->offset < 3)
		return false;
	p = from->data + rela->offset;
	if (rela->type == R_X86_64_PC32 || rela->type == R_X86_64_PLT32)
		return p[-2] != 0x8d;				/* lea */
	return p[-1] == 0x25 && (p[-2] & 0xc7) == 0x04;		/* mov %gs:address */
}

/*
 * Does the code use @e itself, where @rela compares a pointer with a place in
 * it? An access that is too small for a pointer says nothing: a list could not
 * be followed from there.
 */
static bool uses_itself(const struct kp_section *from, const struct kp_rela *rela,
			const struct kp_elem *e)
{
	const struct kp_elem *user = kp_elem_at(from, rela->offset);

	kp_for_relas_in(from, user->start, user->end, r) {
		uint64_t at = raw_point(from, r);

		if (r->sym->sec != e->sec || !holds(e, at) ||
		    (at == raw_point(from, rela) && is_compared(from, r)))
			continue;
		if (!is_access(from, r) || (from->data[r->offset - 3] & 0xf8) == 0x48)
			return true;
	}
	return false;
}

/*
 * May @rela mean the end of an array as well as a place in a variable? Both are
 * the same as long as the two lie as they did.
 */
bool kp_maybe_end(const struct kp_section *from, const struct kp_rela *rela,
		  struct kp_end *end)
{
	struct kp_section *sec = rela->sym->sec;
	uint64_t point = raw_point(from, rela);
	bool exact, compared = is_compared(from, rela);

	if (!sec || rela->sym->type != STT_SECTION || kp_class_of(sec) != CL_DATA ||
	    is_access(from, rela))
		return false;
	end->next = kp_elem_at(sec, point);
	if (!end->next || !end->next->sym || !holds(end->next, point))
		return false;
	end->array = array_in_front(from, rela, point, &exact);
	if (!end->array || (!exact && !compared))
		return false;
	return !(exact && compared) || uses_itself(from, rela, end->next);
}

/*
 * A string literal is meant by content. gcc also makes "literal + 4" and
 * "literal - 1" (biased indexing, ends of loops): the assembler keeps the label
 * there, which tells the start. Any other place inside of a string takes the
 * whole section as one element.
 */
struct kp_ref kp_resolve(const struct kp_side *side, const struct kp_section *from,
			 const struct kp_rela *rela)
{
	struct kp_ref ref = { .sym = rela->sym };
	struct kp_section *sec = rela->sym->sec;
	int64_t point;

	if (!sec)
		return ref;
	/* the assembler keeps gcc's labels of strings in places */
	if (rela->sym->type != STT_SECTION && rela->sym->elem &&
	    kp_class_of(sec) != CL_STRING) {
		ref.elem = rela->sym->elem;
		ref.off = rela->sym->value + (uint64_t)rela->addend - ref.elem->start;
		return ref;
	}
	/* Modulo 2^64: the values of a hostile object may add up to anything. */
	point = (int64_t)(rela->sym->value + (uint64_t)rela->addend +
			  (uint64_t)kp_insn_tail(from, rela) +
			  (uint64_t)table_tail(side, from));
	if (kp_class_of(sec) == CL_STRING && rela->sym->type == STT_NOTYPE &&
	    is_string_start(sec, rela->sym->value)) {
		ref.strsec = sec;
		ref.off = rela->sym->value;
		return ref;
	}
	if (kp_class_of(sec) == CL_STRING && point >= 0 &&
	    is_string_start(sec, (uint64_t)point)) {
		ref.strsec = sec;
		ref.off = (uint64_t)point;
		return ref;
	}
	ref.elem = kp_elem_at(sec, point < 0 ? 0 : (uint64_t)point);
	if (ref.elem && kp_class_of(sec) == CL_DATA)
		ref.elem = past_array(from, rela, (uint64_t)point, ref.elem);
	if (ref.elem)
		ref.off = rela->sym->value + (uint64_t)rela->addend - ref.elem->start;
	return ref;
}
