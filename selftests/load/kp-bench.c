// SPDX-License-Identifier: GPL-2.0
/*
 * kp-bench: what the benchmarks need of user space
 *
 *   kp-bench sleepers N   N threads that sleep, in several system calls, until
 *			   SIGTERM; says "ready" when they do
 *   kp-bench busy N	   N processes that read files, fork and yield, until then
 *   kp-bench late FILE	   a thread of a real-time class wakes up each millisecond,
 *			   until then; it puts "ready" into FILE, and at the end
 *			   the worst lateness and the number of times, in ns
 *
 * Exit status: 0, or 1 if something cannot be had.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS	1000000000L

static volatile sig_atomic_t stop;
static int sleep_pipe[2];

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "kp-bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *sleeper(void *arg)
{
	struct pollfd fd = { .fd = sleep_pipe[0], .events = POLLIN };
	char c;

	switch ((long)arg % 3) {
	case 0:
		while (poll(&fd, 1, -1) < 0)
			;
		break;
	case 1:
		while (read(sleep_pipe[0], &c, 1) < 0)
			;
		break;
	default:
		for (;;)
			pause();
	}
	return NULL;
}

static void wait_for_signal(void)
{
	puts("ready");
	fflush(stdout);
	while (!stop)
		pause();
}

static int sleepers(long n)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t set;
	long i;

	if (pipe(sleep_pipe))
		die("pipe");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
	/* The first thread alone is to be signalled. */
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < n; i++) {
		errno = pthread_create(&thread, &attr, sleeper, (void *)i);
		if (errno)
			die("pthread_create");
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	wait_for_signal();
	/* The others go with the process. */
	_exit(0);
}

static void busy_forever(void)
{
	char buf[4096];
	pid_t pid;
	int fd;

	for (;;) {
		fd = open("/proc/meminfo", O_RDONLY);
		while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
			;
		close(fd);
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		sched_yield();
	}
}

static int busy(long n)
{
	long i;

	for (i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		signal(SIGTERM, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		busy_forever();
	}
	wait_for_signal();
	return 0;
}

static void put(const char *file, const char *text)
{
	FILE *f = fopen(file, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		die(file);
}

static long late_by(const struct timespec *due)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - due->tv_sec) * NS + now.tv_nsec - due->tv_nsec;
}

static int late(const char *file)
{
	struct sched_param param = { .sched_priority = 80 };
	long worst = 0, times = 0;
	struct timespec due;
	char text[80];

	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("mlockall");
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		die("sched_setscheduler");
	put(file, "ready\n");
	clock_gettime(CLOCK_MONOTONIC, &due);
	while (!stop) {
		due.tv_nsec += 1000000;
		if (due.tv_nsec >= NS) {
			due.tv_nsec -= NS;
			due.tv_sec++;
		}
		if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL))
			continue;
		long by = late_by(&due);

		times++;
		if (by > worst)
			worst = by;
		/* One lateness is not to count again and again. */
		if (by > 1000000)
			clock_gettime(CLOCK_MONOTONIC, &due);
	}
	snprintf(text, sizeof(text), "%ld %ld\n", worst, times);
	put(file, text);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };

	if (argc != 3) {
		fputs("usage: kp-bench sleepers N | busy N | late FILE\n",
		      stderr);
		return 1;
	}
	sigaction(SIGTERM, &sa, NULL);
	if (!strcmp(argv[1], "sleepers"))
		return sleepers(atol(argv[2]));
	if (!strcmp(argv[1], "busy"))
		return busy(atol(argv[2]));
	if (!strcmp(argv[1], "late"))
		return late(argv[2]);
	fprintf(stderr, "kp-bench: no such thing as '%s'\n", argv[1]);
	return 1;
}
