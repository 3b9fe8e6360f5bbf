// SPDX-License-Identifier: GPL-2.0
/*
 * What a redirected call costs on a real processor, in user space.
 *
 * A processor predicts returns with a stack of its own.  A trampoline that does
 * not return as often as it was called shifts that stack, and every function
 * that is active pays, so that instruction counts say little.  This program
 * calls an empty function from below a number of callers, in the ways in which
 * a live patch could redirect it, and prints nanoseconds a round.
 *
 * Usage: rsb [ROUNDS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAYS	5
#define DEPTHS	4

/*
 * target_N is the old function's beginning: its call site, and an empty body.
 * "new" is the new function.  Registers are saved where an ftrace handler's
 * trampoline saves them.
 */
asm(".text\n"
    "	.balign 64\n"
    "new:	ret\n"
    "	.balign 64\n"
    "target_plain:\n"
    "	.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n"
    "	ret\n"
    "	.balign 64\n"
    "target_jmp:\n"
    "	jmp new\n"
    "	ret\n"
    "	.balign 64\n"
    "target_stub:\n"
    "	call stub\n"
    "	ret\n"
    "	.balign 64\n"
    "stub:\n"
    "	movq stub_target(%rip), %r11\n"
    "	movq %r11, (%rsp)\n"
    "	ret\n"
    "	.balign 64\n"
    "target_ops:\n"
    "	call ops\n"
    "	ret\n"
    "	.balign 64\n"
    "ops:\n"
    "	subq $168, %rsp\n"
    "	movq %rax, 80(%rsp)\n"
    "	movq %rcx, 88(%rsp)\n"
    "	movq %rdx, 96(%rsp)\n"
    "	movq %rsi, 104(%rsp)\n"
    "	movq %rdi, 112(%rsp)\n"
    "	movq %r8, 72(%rsp)\n"
    "	movq %r9, 64(%rsp)\n"
    "	movq %r10, 56(%rsp)\n"
    "	movq %r11, 48(%rsp)\n"
    "	movq %rbx, 40(%rsp)\n"
    "	movq %rbp, 32(%rsp)\n"
    "	movq %rsp, %rdi\n"
    "	call handler\n"
    "	movq 32(%rsp), %rbp\n"
    "	movq 40(%rsp), %rbx\n"
    "	movq 48(%rsp), %r11\n"
    "	movq 56(%rsp), %r10\n"
    "	movq 64(%rsp), %r9\n"
    "	movq 72(%rsp), %r8\n"
    "	movq 112(%rsp), %rdi\n"
    "	movq 104(%rsp), %rsi\n"
    "	movq 96(%rsp), %rdx\n"
    "	movq 88(%rsp), %rcx\n"
    "	movq 80(%rsp), %rax\n"
    "	addq $168, %rsp\n"
    "	ret\n"
    "	.balign 64\n"
    "handler:\n"
    "	movq stub_target(%rip), %rax\n"
    "	movq %rax, 168(%rdi)\n"
    "	ret\n"
    "	.balign 64\n"
    "target_add:\n"
    "	call add_jmp\n"
    "	ret\n"
    "	.balign 64\n"
    "add_jmp:\n"
    "	addq $8, %rsp\n"
    "	jmp new\n"
    "	.data\n"
    "stub_target: .quad new\n"
    "	.text\n");

void new(void);
void target_plain(void);
void target_jmp(void);
void target_stub(void);
void target_ops(void);
void target_add(void);


static const struct way {
	const char *name;
	void (*target)(void);
} ways[WAYS] = {
	{ "unpatched (nop at the site)", target_plain },
	{ "jump at the site", target_jmp },
	{ "stub: mov; ret", target_stub },
	{ "ftrace handler", target_ops },
	{ "stub: add; jmp", target_add },
};

static const unsigned int depths[DEPTHS] = { 0, 4, 8, 13 };

/* Callers that are really active: no tail calls, nothing known about depth. */
static __attribute__((noinline)) void nest(void (*target)(void),
					   volatile unsigned int depth)
{
	if (depth)
		nest(target, depth - 1);
	else
		target();
	__asm__ volatile("" ::: "memory");
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* The best of some rounds: others use this processor as well. */
static double measure(void (*target)(void), unsigned int depth,
		      unsigned long rounds)
{
	double best = 0, took;
	unsigned long i;
	int n;

	for (n = 0; n < 200; n++) {
		took = now();
		for (i = 0; i < rounds; i++)
			nest(target, depth);
		took = (now() - took) / (double)rounds;
		if (!n || took < best)
			best = took;
	}
	return best;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 10000;
	int w, d;

	printf("%-30s", "ns a call, with callers:");
	for (d = 0; d < DEPTHS; d++)
		printf("%8u", depths[d]);
	printf("\n");
	for (w = 0; w < WAYS; w++) {
		printf("%-30s", ways[w].name);
		for (d = 0; d < DEPTHS; d++)
			printf("%8.1f",
			       measure(ways[w].target, depths[d], rounds));
		printf("\n");
	}
	return 0;
}
