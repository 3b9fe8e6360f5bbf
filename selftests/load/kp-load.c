// SPDX-License-Identifier: GPL-2.0
/*
 * kp-load: load for live patching that checks what it reads
 *
 * Workers call the functions that kptest-load-*.ko patch, through
 * /proc/cmdline and the files of kptest_target, while others burn CPU time,
 * fork, write files or sleep; if asked for, some call what kpatch_test_target
 * watches itself.  Runs until SIGTERM; then the counts go to stdout.  Meanwhile
 * the same counts are in the status file, once a second.
 *
 * Exit status: 0 all reads were right, 1 some were wrong, 2 wrong usage,
 * 3 a worker made no progress or died.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "checker.h"
#include "ring.h"
#include "where.h"

#define MAX_WORKERS	64
#define CMDLINE		"/proc/cmdline"
#define TARGET		"/sys/kernel/debug/kptest_target"
#define WATCHED		"/sys/kernel/debug/kpatch_test"

struct worker {
	const struct kind *kind;
	int index;
	pid_t pid;			/* from here on the parent's alone */
	bool gone;
	unsigned long last_progress;
	time_t last_change;
	struct tally tally;		/* the worker's, read by the parent */
};

struct shared {
	atomic_bool stop;
	struct worker workers[MAX_WORKERS];
};

struct kind {
	const char *name;
	int count;
	bool reads;		/* it must have seen the old and the new code */
	void (*run)(struct worker *w);
};

static struct shared *shared;
static char original[4096];
static const char *scratch_dir = "/tmp";
static long run_ms, pause_ms;		/* -p: all workers pause together */
static long ring_ms = 100;		/* -r: between a worker's rings */
static volatile sig_atomic_t got_signal;

static void nap_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* stopped: every worker asks this often; it pauses here if that is wanted */
static bool stopped(void)
{
	struct timespec now;
	long at;

	if (pause_ms) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		at = (now.tv_sec * 1000 + now.tv_nsec / 1000000) %
			(run_ms + pause_ms);
		if (at >= run_ms)
			nap_ms(run_ms + pause_ms - at);
	}
	return atomic_load_explicit(&shared->stop, memory_order_relaxed);
}

static void made_progress(struct worker *w)
{
	atomic_fetch_add_explicit(&w->tally.progress, 1, memory_order_relaxed);
}

static void failed(struct worker *w, const char *what)
{
	atomic_fetch_add(&w->tally.errors, 1);
	complain(&w->tally, what, strerror(errno));
}

/* read_at: the whole text at offset 0; NULL, and counted, if that fails */
static char *read_at(struct worker *w, int fd, char *buf, size_t size)
{
	ssize_t len = pread(fd, buf, size - 1, 0);

	if (len < 0) {
		failed(w, "pread");
		return NULL;
	}
	buf[len] = 0;
	made_progress(w);
	return buf;
}

static void read_text(struct worker *w, struct seen *seen, int fd)
{
	char buf[sizeof(original)];

	if (read_at(w, fd, buf, sizeof(buf)))
		check_text(&w->tally, seen, buf, original);
}

static void read_pair(struct worker *w, struct seen *seen, int fd)
{
	char buf[128];

	if (read_at(w, fd, buf, sizeof(buf)))
		check_pair(&w->tally, seen, buf);
}

static int open_or_exit(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "kp-load: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	return fd;
}

/* wait_for: what the child says on leaving, or ECHILD if it died */
static int wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return ECHILD;
	return WEXITSTATUS(status);
}

/* ---- the kinds of workers ---- */

static void run_cpu(struct worker *w)
{
	volatile unsigned long x = 1;
	int i;

	while (!stopped()) {
		for (i = 0; i < 100000; i++)
			x = x * 6364136223846793005ul + 1;
		made_progress(w);
	}
}

/* in a storm, with a descriptor that stays and with one for each read */
static void run_text(struct worker *w)
{
	struct seen seen = { 0 };
	int fd = open_or_exit(CMDLINE);
	int i, own;

	while (!stopped()) {
		for (i = 0; i < 15; i++)
			read_text(w, &seen, fd);
		own = open(CMDLINE, O_RDONLY | O_CLOEXEC);
		if (own < 0) {
			failed(w, "open");
			continue;
		}
		read_text(w, &seen, own);
		close(own);
	}
}

static void run_pair(struct worker *w)
{
	struct seen seen = { 0 };
	int text = open_or_exit(CMDLINE);
	int pair = open_or_exit(TARGET "/pair");
	int i;

	while (!stopped()) {
		for (i = 0; i < 15; i++)
			read_pair(w, &seen, pair);
		read_text(w, &seen, text);
	}
}

/* calls the functions that kpatch_test_target itself watches, as that does */
static void run_call(struct worker *w)
{
	static const struct { const char *path; long nap; } ways[] = {
		{ WATCHED "/call", 0 },
		{ WATCHED "/sleep", 60 },
		{ WATCHED "/spin", 1 },
	};
	int way = w->index % 3;
	int fd = open_or_exit(ways[way].path);
	char buf[16];

	while (!stopped()) {
		read_at(w, fd, buf, sizeof(buf));
		if (ways[way].nap)
			nap_ms(ways[way].nap);
	}
}

/*
 * Calls of new kernel threads again and again, which come into being without
 * fork(): a task's first read by a ring that has to wait makes one.  A new task for
 * each: one that makes ring after ring waits for ever now and then, since Linux 7.0
 * has a worker leave with its task's last ring, and wakes it for the next one's read
 * when it has seen already that there is nothing to do.
 */
static void run_ring(struct worker *w)
{
	int fd = open_or_exit(WATCHED "/sleep");
	int status;
	pid_t pid;

	while (!stopped()) {
		pid = fork();
		if (pid < 0) {
			failed(w, "fork");
			nap_ms(10);
			continue;
		}
		if (!pid)
			_exit(ring_child(fd));
		status = wait_for(pid);
		if (status == NO_RING) {
			nap_ms(100);
		} else if (status) {
			errno = status;
			failed(w, "read by io_uring");
		}
		made_progress(w);
		nap_ms(ring_ms);
	}
}

/* sleeps inside of the patched function */
static void run_slow(struct worker *w)
{
	struct seen seen = { 0 };
	int slow = open_or_exit(TARGET "/slow");

	while (!stopped())
		read_pair(w, &seen, slow);
}

/* sleeps elsewhere, reads in between */
static void run_sleep(struct worker *w)
{
	struct seen seen = { 0 };
	int pair = open_or_exit(TARGET "/pair");

	while (!stopped()) {
		nap_ms(10 + w->index * 35);
		read_pair(w, &seen, pair);
	}
}

static void fork_child(struct worker *w, struct seen *seen, int text, int pair)
{
	read_pair(w, seen, pair);
	read_text(w, seen, text);
	_exit(0);
}

static void run_fork(struct worker *w)
{
	struct seen seen = { 0 };
	int text = open_or_exit(CMDLINE);
	int pair = open_or_exit(TARGET "/pair");
	pid_t pid;

	while (!stopped()) {
		read_text(w, &seen, text);
		pid = fork();
		if (pid < 0) {
			failed(w, "fork");
			nap_ms(10);
			continue;
		}
		if (!pid)
			fork_child(w, &seen, text, pair);
		errno = wait_for(pid);
		if (errno)
			failed(w, "a forked child");
	}
}

struct thread_arg {
	struct worker *w;
	struct seen seen;
	int text, pair;
};

static void *thread_main(void *data)
{
	struct thread_arg *arg = data;
	int i;

	for (i = 0; i < 20; i++) {
		read_pair(arg->w, &arg->seen, arg->pair);
		read_text(arg->w, &arg->seen, arg->text);
	}
	return NULL;
}

static void run_thread(struct worker *w)
{
	int text = open_or_exit(CMDLINE);
	int pair = open_or_exit(TARGET "/pair");
	struct thread_arg args[4];
	pthread_t threads[4];
	struct seen seen = { 0 };
	int i, n;

	while (!stopped()) {
		read_text(w, &seen, text);
		for (n = 0; n < 4; n++) {
			args[n] = (struct thread_arg){ w, seen, text, pair };
			errno = pthread_create(&threads[n], NULL, thread_main,
					       &args[n]);
			if (errno) {
				failed(w, "pthread_create");
				break;
			}
		}
		for (i = 0; i < n; i++)
			pthread_join(threads[i], NULL);
	}
}

static void run_io(struct worker *w)
{
	static char out[65536], in[sizeof(out)];
	char path[256];
	unsigned int round = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/kp-load.%d", scratch_dir, getpid());
	while (!stopped()) {
		memset(out, (int)(++round & 0xff), sizeof(out));
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0) {
			failed(w, "open a file to write");
			nap_ms(100);
			continue;
		}
		if (write(fd, out, sizeof(out)) != sizeof(out) || fsync(fd) ||
		    pread(fd, in, sizeof(in), 0) != sizeof(in) ||
		    memcmp(out, in, sizeof(out)))
			failed(w, "write and read a file");
		close(fd);
		unlink(path);
		made_progress(w);
	}
}

static struct kind kinds[] = {
	{ "cpu",	2, false, run_cpu },
	{ "text",	2, true,  run_text },
	{ "pair",	2, true,  run_pair },
	{ "slow",	3, true,  run_slow },
	{ "sleep",	3, true,  run_sleep },
	{ "fork",	1, true,  run_fork },
	{ "thread",	1, true,  run_thread },
	{ "io",		1, false, run_io },
	{ "call",	0, false, run_call },
	{ "ring",	0, false, run_ring },
};

#define N_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* ---- the parent ---- */

static void on_signal(int sig)
{
	got_signal = sig;
}

static void start_worker(struct worker *w)
{
	char name[16];
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0) {
		perror("kp-load: fork");
		exit(2);
	}
	if (pid) {
		w->pid = pid;
		return;
	}
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	snprintf(name, sizeof(name), "kp-load:%s%d", w->kind->name, w->index);
	prctl(PR_SET_NAME, name);
	w->kind->run(w);
	_exit(0);
}

/* watchdog: 0, or 3 when a worker died or does nothing any more */
static int watchdog(int n_workers, int limit)
{
	time_t now = time(NULL);
	int i, status, ret = 0;

	for (i = 0; i < n_workers; i++) {
		struct worker *w = &shared->workers[i];
		unsigned long progress = atomic_load(&w->tally.progress);

		if (!w->gone && waitpid(w->pid, &status, WNOHANG) == w->pid) {
			w->gone = true;
			printf("died: %s%d (pid %d), status 0x%x\n",
			       w->kind->name, w->index, (int)w->pid, status);
			ret = 3;
		}
		if (progress != w->last_progress || !w->last_change) {
			w->last_progress = progress;
			w->last_change = now;
		} else if (!w->gone && now - w->last_change > limit) {
			printf("hung: %s%d (pid %d), no progress for %d s\n",
			       w->kind->name, w->index, (int)w->pid,
			       (int)(now - w->last_change));
			print_where(w->pid);
			ret = 3;
		}
	}
	return ret;
}

/* report: the counts of each kind and of all; returns the number of faults */
static unsigned long report(FILE *out, int n_workers)
{
	unsigned long olds, news, torn, mixed, back, errors;
	unsigned long all_old = 0, all_new = 0, faults = 0;
	struct worker *w;
	size_t k;
	int i;

	for (k = 0; k < N_KINDS; k++) {
		olds = news = torn = mixed = back = errors = 0;
		for (i = 0; i < n_workers; i++) {
			w = &shared->workers[i];
			if (w->kind != &kinds[k])
				continue;
			olds += atomic_load(&w->tally.old_reads);
			news += atomic_load(&w->tally.new_reads);
			torn += atomic_load(&w->tally.torn);
			mixed += atomic_load(&w->tally.mixed);
			back += atomic_load(&w->tally.backwards);
			errors += atomic_load(&w->tally.errors);
		}
		if (kinds[k].reads && kinds[k].count)
			fprintf(out, "%s: old %lu new %lu torn %lu mixed %lu "
				"backwards %lu errors %lu\n", kinds[k].name,
				olds, news, torn, mixed, back, errors);
		else if (errors)
			fprintf(out, "%s: errors %lu\n", kinds[k].name, errors);
		all_old += olds;
		all_new += news;
		faults += torn + mixed + back + errors;
	}
	for (i = 0; i < n_workers; i++) {
		w = &shared->workers[i];
		if (atomic_load(&w->tally.complaint_ready))
			fprintf(out, "fault: %s%d: %s\n", w->kind->name,
				w->index, w->tally.complaint);
	}
	fprintf(out, "total: old %lu new %lu faults %lu\n", all_old, all_new,
		faults);
	return faults;
}

static void write_status(const char *path, int n_workers)
{
	char tmp[512];
	FILE *out;

	if (!path)
		return;
	snprintf(tmp, sizeof(tmp), "%s.new", path);
	out = fopen(tmp, "w");
	if (!out)
		return;
	report(out, n_workers);
	fclose(out);
	rename(tmp, path);
}

/* stop_workers: 0, or 3 when one did not end by itself */
static int stop_workers(int n_workers, int limit)
{
	time_t end = time(NULL) + limit;
	int i, status, left, ret = 0;

	atomic_store(&shared->stop, true);
	do {
		left = 0;
		for (i = 0; i < n_workers; i++) {
			struct worker *w = &shared->workers[i];

			if (w->gone)
				continue;
			if (waitpid(w->pid, &status, WNOHANG) != w->pid) {
				left++;
				continue;
			}
			w->gone = true;
			if (!status)
				continue;
			printf("died: %s%d (pid %d), status 0x%x\n",
			       w->kind->name, w->index, (int)w->pid, status);
			ret = 3;
		}
		if (left)
			nap_ms(20);
	} while (left && time(NULL) < end);

	for (i = 0; left && i < n_workers; i++) {
		struct worker *w = &shared->workers[i];

		if (w->gone)
			continue;
		printf("does not stop: %s%d (pid %d)\n", w->kind->name,
		       w->index, (int)w->pid);
		print_where(w->pid);
		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
		ret = 3;
	}
	return ret;
}

static void usage(FILE *out)
{
	size_t k;

	fprintf(out, "usage: kp-load [-s STATUS-FILE] [-d SCRATCH-DIR] "
		"[-w WATCHDOG-SECONDS] [-p RUN-MS:PAUSE-MS] "
		"[-r RING-MS] [-n KIND=COUNT]...\nkinds:");
	for (k = 0; k < N_KINDS; k++)
		fprintf(out, " %s=%d", kinds[k].name, kinds[k].count);
	fprintf(out, "\n");
}

static bool set_count(const char *arg)
{
	const char *eq = strchr(arg, '=');
	char *end;
	long count;
	size_t k;

	if (!eq)
		return false;
	count = strtol(eq + 1, &end, 10);
	if (*end || end == eq + 1 || count < 0 || count > MAX_WORKERS)
		return false;
	for (k = 0; k < N_KINDS; k++) {
		if (strlen(kinds[k].name) == (size_t)(eq - arg) &&
		    !strncmp(kinds[k].name, arg, (size_t)(eq - arg))) {
			kinds[k].count = (int)count;
			return true;
		}
	}
	return false;
}

static bool set_pause(const char *arg)
{
	char end;

	return sscanf(arg, "%ld:%ld%c", &run_ms, &pause_ms, &end) == 2 &&
		run_ms > 0 && pause_ms > 0;
}

/* create_workers: how many there are */
static int create_workers(void)
{
	int i, n = 0;
	size_t k;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("kp-load: mmap");
		exit(2);
	}
	for (k = 0; k < N_KINDS; k++) {
		for (i = 0; i < kinds[k].count; i++) {
			if (n == MAX_WORKERS) {
				fprintf(stderr, "kp-load: more than %d workers\n",
					MAX_WORKERS);
				exit(2);
			}
			shared->workers[n].kind = &kinds[k];
			shared->workers[n++].index = i;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	const char *status_path = NULL;
	int opt, i, fd, n, ret = 0, limit = 60;
	ssize_t len;

	while ((opt = getopt(argc, argv, "s:d:w:p:r:n:h")) != -1) {
		if (opt == 's') {
			status_path = optarg;
		} else if (opt == 'd') {
			scratch_dir = optarg;
		} else if (opt == 'w' && atoi(optarg) > 0) {
			limit = atoi(optarg);
		} else if (opt == 'p' && set_pause(optarg)) {
			continue;
		} else if (opt == 'r' && atoi(optarg) > 0) {
			ring_ms = atoi(optarg);
		} else if (opt != 'n' || !set_count(optarg)) {
			usage(opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open_or_exit(CMDLINE);
	len = read(fd, original, sizeof(original) - 1);
	close(fd);
	if (len <= 0) {
		fprintf(stderr, "kp-load: cannot read " CMDLINE "\n");
		return 2;
	}

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	n = create_workers();
	for (i = 0; i < n; i++)
		start_worker(&shared->workers[i]);
	while (!got_signal && !ret) {
		nap_ms(1000);
		ret = watchdog(n, limit);
		write_status(status_path, n);
	}
	if (stop_workers(n, limit))
		ret = 3;
	write_status(status_path, n);
	if (report(stdout, n) && !ret)
		ret = 1;
	return ret;
}
