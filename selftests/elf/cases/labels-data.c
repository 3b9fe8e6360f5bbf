// SPDX-License-Identifier: GPL-2.0
// A table of labels leads into the body of its function: the new body needs a
// table of its own, be it equal to the old one or not.
// CHANGED f
// CHANGED g
// SAME h
// NORELOC jt
// NORELOC moved
#include "kern.h"
int f(const unsigned char *p, int acc)
{
	static const void * const jt[] = { &&add, &&sub, &&shl, &&end };
	goto *jt[*p++];
add:	acc += *p++; goto *jt[*p++];
sub:	acc -= *p++; goto *jt[*p++];
#ifdef PATCHED
shl:	acc ^= 0x12345678; goto *jt[*p++];
#else
shl:	acc ^= 0x12345679; goto *jt[*p++];
#endif
end:	return acc;
}
int g(const unsigned char *p, int acc)
{
	static const void * const moved[] = { &&add, &&sub, &&shl, &&end };
	goto *moved[*p++];
add:	acc += *p++; goto *moved[*p++];
sub:	acc -= *p++; goto *moved[*p++];
#ifdef PATCHED
shl:	acc <<= *p++ & 15; acc = helper(acc); goto *moved[*p++];
#else
shl:	acc <<= *p++ & 31; goto *moved[*p++];
#endif
end:	return acc;
}
int h(const unsigned char *p, int acc)
{
	static const void * const still[] = { &&add, &&sub, &&end };
	goto *still[*p++];
add:	acc += *p++; goto *still[*p++];
sub:	acc -= *p++; goto *still[*p++];
end:	return acc;
}
