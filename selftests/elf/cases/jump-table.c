// SPDX-License-Identifier: GPL-2.0
// A switch with a jump table; one case changes.
// FLAGS -fjump-tables
// CHANGED f
// SAME g
#include "kern.h"
int h1(void), h2(void), h3(void), h4(void), h5(void), h6(void), h7(void);
int f(int x)
{
	switch (x) {
	case 1: return h1();
	case 2: return h2();
	case 3: return h3();
	case 4: return h4();
	case 5: return h5();
#ifdef PATCHED
	case 6: return h7();
#else
	case 6: return h6();
#endif
	}
	return 0;
}
int g(int x)
{
	switch (x) {
	case 1: return h7();
	case 2: return h6();
	case 3: return h5();
	case 4: return h4();
	case 5: return h3();
	case 6: return h2();
	}
	return 0;
}
