// SPDX-License-Identifier: GPL-2.0
/*
 * kp-log: the kernel log after a line, as tests compare it
 *
 *   kp-log MARK [REGEX [EXCEPT]]
 *
 * Prints what follows the last line that is, or ends in, MARK, without levels,
 * times and callers: all of it, or what matches the extended regular expression
 * REGEX and not EXCEPT.
 *
 * Exit status: 0, 1 newer lines have pushed MARK out and this is what there is,
 * 2 error.
 */
#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#define READ_ALL	3
#define SIZE_BUFFER	10

static regex_t want, except;
static bool have_want, have_except;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "kp-log: %s: %s\n", what, why);
	exit(2);
}

static void compile(regex_t *re, const char *text)
{
	char why[128];
	int ret = regcomp(re, text, REG_EXTENDED | REG_NOSUB);

	if (!ret)
		return;
	regerror(ret, re, why, sizeof(why));
	die(text, why);
}

/* The log as one string. */
static char *read_log(void)
{
	int size = klogctl(SIZE_BUFFER, NULL, 0);
	char *log;
	int len;

	if (size < 0)
		die("the kernel log", strerror(errno));
	/* The levels and times are not counted in. */
	size *= 4;
	log = malloc(size + 1);
	if (!log)
		die("the kernel log", strerror(ENOMEM));
	len = klogctl(READ_ALL, log, size);
	if (len < 0)
		die("the kernel log", strerror(errno));
	log[len] = '\0';
	return log;
}

/* Behind "[" blanks CHARS "]" and blanks, or NULL if there is no such thing. */
static const char *behind(const char *p, const char *chars)
{
	if (*p++ != '[')
		return NULL;
	p += strspn(p, " ");
	if (!strspn(p, chars))
		return NULL;
	p += strspn(p, chars);
	return *p == ']' ? p + 1 : NULL;
}

/* The text of a line: behind "<6>", "[  123.456789] " and "[ T1234] ". */
static const char *text_of(const char *line)
{
	const char *p = line, *end;

	if (*p == '<') {
		p += 1 + strspn(p + 1, "0123456789");
		p = *p == '>' ? p + 1 : line;
	}
	end = behind(p, "0123456789.");
	if (end) {
		p = *end == ' ' ? end + 1 : end;
		end = behind(p, "CT0123456789");
		if (end && *end == ' ')
			p = end + 1;
	}
	return p;
}

static bool ends_in(const char *line, const char *mark)
{
	size_t len = strlen(line), mark_len = strlen(mark);

	return len >= mark_len && !strcmp(line + len - mark_len, mark);
}

/* Where the lines after the last mark begin, or NULL; newlines become ends. */
static char *after_mark(char *log, const char *mark)
{
	char *line, *next, *found = NULL;

	for (line = log; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (ends_in(line, mark))
			found = next;
	}
	return found;
}

static bool wanted(const char *text)
{
	return (!have_want || !regexec(&want, text, 0, NULL, 0)) &&
	       (!have_except || regexec(&except, text, 0, NULL, 0));
}

int main(int argc, char **argv)
{
	static char out[1 << 16];
	char *log, *begin, *end, *line;

	if (argc < 2 || argc > 4 || !*argv[1])
		die("usage", "kp-log MARK [REGEX [EXCEPT]]");
	have_want = argc > 2;
	have_except = argc > 3;
	if (have_want)
		compile(&want, argv[2]);
	if (have_except)
		compile(&except, argv[3]);
	/* Whoever has seen enough may go. */
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, out, _IOFBF, sizeof(out));

	log = read_log();
	end = log + strlen(log);
	begin = after_mark(log, argv[1]);
	for (line = begin ? begin : log; line < end; line += strlen(line) + 1) {
		const char *text = text_of(line);

		if (wanted(text))
			puts(text);
	}
	return begin ? 0 : 1;
}
