// SPDX-License-Identifier: GPL-2.0
// gcc clones and renames a static function; which clone changed does not matter.
// CHANGED caller
// FLAGS -fno-inline
#include "kern.h"
struct s { int a, b, c; };
static noinline int part(struct s *s, int k)
{
#ifdef PATCHED
	return helper(s->a + 1) + helper(s->b) + k;
#else
	return helper(s->a) + k;
#endif
}
int caller(struct s *s)
{
#ifdef PATCHED
	return part(s, 5) + part(s, 6);
#else
	return part(s, 5) + part(s, 5);
#endif
}
