/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checker of kp-load: what a task may see while patches go on and off.
 *
 * Every text is either the old one or the new one of some generation, which
 * grows with each patch.  A task switches for all functions of a patch at
 * once, so that for one task, over everything that it reads,
 *  - the two functions of one call are of one generation (the outer one is
 *    patched itself, so no task may switch while it is inside),
 *  - generations never go back, and
 *  - once it was back in the old code, the generation that it left is over.
 * A forked task or a new thread continues where its parent was.
 */
#ifndef KP_LOAD_CHECKER_H
#define KP_LOAD_CHECKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* one worker's counts; shared with the parent, so only ever atomic */
struct tally {
	atomic_ulong old_reads;
	atomic_ulong new_reads;
	atomic_ulong progress;		/* for the watchdog */
	atomic_ulong torn;		/* neither the old nor a new text */
	atomic_ulong mixed;		/* parts of one call disagree */
	atomic_ulong backwards;		/* a generation that was over */
	atomic_ulong errors;		/* system calls that failed */
	atomic_flag complained;
	atomic_bool complaint_ready;
	char complaint[256];		/* the first bad thing */
};

/* what one task has seen so far */
struct seen {
	unsigned long gen;		/* the newest generation, 0 for none */
	bool left;			/* has seen the old code after it */
};

static inline void complain(struct tally *t, const char *what, const char *got)
{
	char clean[160];
	size_t i;

	if (atomic_flag_test_and_set(&t->complained))
		return;
	for (i = 0; i < sizeof(clean) - 1 && got[i]; i++)
		clean[i] = got[i] == '\n' ? '$' : got[i];
	clean[i] = 0;
	snprintf(t->complaint, sizeof(t->complaint), "task %d: %s: \"%s\"",
		 (int)gettid(), what, clean);
	atomic_store(&t->complaint_ready, true);
}

/* gen is 0 for the old code */
static inline void observe(struct tally *t, struct seen *seen,
			   unsigned long gen, const char *text)
{
	if (!gen) {
		seen->left = seen->gen != 0;
		atomic_fetch_add(&t->old_reads, 1);
		return;
	}
	if (gen < seen->gen || (gen == seen->gen && seen->left)) {
		atomic_fetch_add(&t->backwards, 1);
		complain(t, "went back in time", text);
	}
	if (gen != seen->gen) {
		seen->gen = gen;
		seen->left = false;
	}
	atomic_fetch_add(&t->new_reads, 1);
}

/*
 * parse_version: "old" or "new:N" at *text, followed by the character end.
 * Steps behind that; false if there is something else.
 */
static inline bool parse_version(const char **text, char end,
				 unsigned long *gen)
{
	const char *p = *text;
	char *stop;

	if (!strncmp(p, "old", 3)) {
		*gen = 0;
		p += 3;
	} else if (!strncmp(p, "new:", 4) && p[4] >= '1' && p[4] <= '9') {
		*gen = strtoul(p + 4, &stop, 10);
		p = stop;
	} else {
		return false;
	}
	if (*p != end)
		return false;
	*text = p + 1;
	return true;
}

/* check_pair: "outer=A inner=B,C\n", where all three must be the same */
static inline void check_pair(struct tally *t, struct seen *seen,
			      const char *text)
{
	unsigned long outer, before, after;
	const char *p = text;

	if (strncmp(p, "outer=", 6))
		goto torn;
	p += 6;
	if (!parse_version(&p, ' ', &outer) || strncmp(p, "inner=", 6))
		goto torn;
	p += 6;
	if (!parse_version(&p, ',', &before) ||
	    !parse_version(&p, '\n', &after) || *p)
		goto torn;
	if (outer != before || outer != after) {
		atomic_fetch_add(&t->mixed, 1);
		complain(t, "mixed", text);
		return;
	}
	observe(t, seen, outer, text);
	return;
torn:
	atomic_fetch_add(&t->torn, 1);
	complain(t, "neither old nor new", text);
}

/* check_text: the original text, or "cmdline new:N\n" */
static inline void check_text(struct tally *t, struct seen *seen,
			      const char *text, const char *original)
{
	const char *p = text + strlen("cmdline ");
	unsigned long gen;

	if (!strcmp(text, original)) {
		observe(t, seen, 0, text);
	} else if (!strncmp(text, "cmdline new:", strlen("cmdline new:")) &&
		   parse_version(&p, '\n', &gen) && !*p) {
		observe(t, seen, gen, text);
	} else {
		atomic_fetch_add(&t->torn, 1);
		complain(t, "neither old nor new", text);
	}
}

#endif /* KP_LOAD_CHECKER_H */
