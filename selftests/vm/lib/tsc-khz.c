// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the frequency of this machine's TSC in kHz.  A guest under TCG sees that
 * very TSC, and is told by the harness, because it cannot measure it itself on a
 * busy host.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define TRIES	20
#define MS	100

/* A moment: the tightest of some readings, as others may come in between. */
static void now(uint64_t *ns, uint64_t *tsc)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < TRIES; i++) {
		struct timespec ts;
		uint64_t before, after;

		before = __rdtsc();
		if (clock_gettime(CLOCK_MONOTONIC_RAW, &ts))
			continue;
		after = __rdtsc();
		if (after - before >= best)
			continue;
		best = after - before;
		*ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
		*tsc = before + best / 2;
	}
}

int main(void)
{
	struct timespec pause = { .tv_nsec = MS * 1000000 };
	uint64_t ns[2] = { 0, 0 }, tsc[2] = { 0, 0 };

	now(&ns[0], &tsc[0]);
	nanosleep(&pause, NULL);
	now(&ns[1], &tsc[1]);
	if (ns[1] - ns[0] < MS * 1000000 / 2 || tsc[1] <= tsc[0])
		return 1;
	printf("%.0f\n", (double)(tsc[1] - tsc[0]) * 1e6 / (double)(ns[1] - ns[0]));
	return 0;
}
