// SPDX-License-Identifier: GPL-2.0
// Line numbers: in a bug table, in a debug descriptor, in an argument, in a string.
// EXPECT 3
#include "kern.h"
#ifdef PATCHED



#endif
#define STR_(x) #x
#define STR(x) STR_(x)
int f(int x)
{
	if (x > 5)
		WARN();
	return helper(x);
}
int g(int x)
{
	if (x > 7)
		warn_slowpath_fmt("file", __LINE__, "bad %d", x);
	return helper(x) + 1;
}
int h(int x)
{
	if (x == 1)
		printk("bad value at " __FILE__ ".c:" STR(__LINE__) "\n");
	pr_debug("h");
	return helper(x) + 2;
}
