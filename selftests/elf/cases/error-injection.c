// SPDX-License-Identifier: GPL-2.0
// Errors cannot be injected into a function although the patch says so; that is
// nothing to refuse a patch for.
// CHANGED f
// SAYS warning: the patch adds an entry for g() to _error_injection_whitelist
// HASNOT _error_injection_whitelist
#include "kern.h"
struct error_injection_entry { unsigned long addr; int etype; };
#define ALLOW_ERROR_INJECTION(fname)					\
	static struct error_injection_entry __used			\
	__attribute__((__section__("_error_injection_whitelist")))	\
	_eil_addr_##fname = { (unsigned long)fname, 1 }
int f(int x)
{
#ifdef PATCHED
	x++;
#endif
	return helper(x);
}
ALLOW_ERROR_INJECTION(f);
int g(int x) { return helper(x); }
#ifdef PATCHED
ALLOW_ERROR_INJECTION(g);
#endif
