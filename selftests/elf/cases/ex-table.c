// SPDX-License-Identifier: GPL-2.0
// Faulting instructions and their fixup code.
// CHANGED f
// SAME g
// HAS __ex_table
// HAS .fixup
#include "kern.h"
int f(int *p)
{
	int err, v = get_user_like(p, &err);

#ifdef PATCHED
	v++;
#endif
	return helper(v) + err;
}
int g(int *p)
{
	int err, v = get_user_like(p + 1, &err);

	return helper(v) - err;
}
