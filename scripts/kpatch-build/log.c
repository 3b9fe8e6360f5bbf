// SPDX-License-Identifier: GPL-2.0
/*
 * Messages: errors and warnings to stderr, what was done to stdout.
 */
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

static const char *log_tool = "kpatch-build";
static int log_verbose;
static int log_silent;

void kp_log_init(const char *tool, int verbose)
{
	log_tool = tool;
	log_verbose = verbose;
}

void kp_log_silence(void)
{
	log_silent = 1;
}

static void log_line(FILE *to, const char *kind, const char *fmt, va_list ap)
{
	if (log_silent)
		return;
	fprintf(to, "%s: %s", log_tool, kind);
	vfprintf(to, fmt, ap);
	fputc('\n', to);
}

#define LOG_BODY(to, kind)				\
	do {						\
		va_list ap;				\
							\
		va_start(ap, fmt);			\
		log_line(to, kind, fmt, ap);		\
		va_end(ap);				\
	} while (0)

int kp_err(const char *fmt, ...)
{
	LOG_BODY(stderr, "error: ");
	return -KP_ERROR;
}

int kp_refuse(const char *fmt, ...)
{
	LOG_BODY(stderr, "cannot be live-patched: ");
	return -KP_REFUSED;
}

void kp_warn(const char *fmt, ...)
{
	LOG_BODY(stderr, "warning: ");
}

void kp_info(const char *fmt, ...)
{
	LOG_BODY(stdout, "");
}

void kp_debug(const char *fmt, ...)
{
	if (!log_verbose)
		return;
	LOG_BODY(stderr, "debug: ");
}
