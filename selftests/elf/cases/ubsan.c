// SPDX-License-Identifier: GPL-2.0
// UBSAN's descriptions are numbered through the file: a new one moves the others.
// FLAGS -fsanitize=bounds
// EXPORT __ubsan_handle_out_of_bounds vmlinux
// CHANGED f
// SAME g
// SAME h
#include "kern.h"
extern int numbers[8], more[4];
int f(unsigned int i)
{
#ifdef PATCHED
	numbers[i + 1]++;
#endif
	return helper(numbers[i]);
}
int g(unsigned int i)
{
	return helper(more[i]);
}
int h(unsigned int i, unsigned int j)
{
	more[j]++;
	return helper(numbers[i]);
}
