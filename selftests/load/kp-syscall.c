// SPDX-License-Identifier: GPL-2.0
/*
 * kp-syscall NUMBER [ARGUMENT...]: makes a system call with up to six numbers
 * as its arguments and prints what it returns, or the name of the error.
 *
 * Exit status: 0 whatever the call returns, 2 wrong usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long arg[7] = { 0 };
	char *end;
	long ret;
	int i;

	if (argc < 2 || argc > 8) {
		fprintf(stderr, "usage: kp-syscall NUMBER [ARGUMENT...]\n");
		return 2;
	}
	for (i = 1; i < argc; i++) {
		arg[i - 1] = strtoul(argv[i], &end, 0);
		if (!*argv[i] || *end) {
			fprintf(stderr, "kp-syscall: '%s' is no number\n", argv[i]);
			return 2;
		}
	}
	ret = syscall((long)arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6]);
	if (ret == -1)
		puts(strerror(errno));
	else
		printf("%ld\n", ret);
	return 0;
}
