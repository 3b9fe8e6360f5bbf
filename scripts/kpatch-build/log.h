/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages and exit statuses, the same for every tool of kpatch-build.
 */
#ifndef KP_LOG_H
#define KP_LOG_H

enum kp_status {
	KP_OK = 0,		/* the output was made */
	KP_ERROR = 1,		/* bad input or a failing system call */
	KP_REFUSED = 2,		/* understood, but cannot be live-patched */
	KP_NOCHANGE = 3,	/* nothing to patch */
};

/* What the tool calls itself in front of each message. */
void kp_log_init(const char *tool, int verbose);

/* No messages at all, for fuzzing. */
void kp_log_silence(void);

#define KP_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* An error: prints one line and returns -KP_ERROR, so that "return kp_err(...)" works. */
int kp_err(const char *fmt, ...) KP_PRINTF(1, 2);

/* A refusal: prints "what; where; what to do" once and returns -KP_REFUSED. */
int kp_refuse(const char *fmt, ...) KP_PRINTF(1, 2);

void kp_warn(const char *fmt, ...) KP_PRINTF(1, 2);
void kp_info(const char *fmt, ...) KP_PRINTF(1, 2);

/* Only with -d. */
void kp_debug(const char *fmt, ...) KP_PRINTF(1, 2);

#endif
