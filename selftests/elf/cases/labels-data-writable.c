// SPDX-License-Identifier: GPL-2.0
// The same in data that the kernel writes: there is only one of it.
// EXPECT 2
// SAYS variable jt.0 in .data.jt.0
// SAYS leads into the body of f()
#include "kern.h"
int f(const unsigned char *p, int acc, int n)
{
	static void *jt[] = { &&add, &&sub, &&shl, &&end };
	void *old = jt[n];

	jt[n] = jt[0];
	jt[0] = old;
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
