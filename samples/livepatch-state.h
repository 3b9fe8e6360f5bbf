/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system state that livepatch-state and its successors share
 *
 * As long as a patch of this series is there, somebody counts who reads
 * /proc/version.  The memory for that is the state; the version says what is in
 * it, so that a successor knows what it finds.
 */
#ifndef SAMPLES_LIVEPATCH_STATE_H
#define SAMPLES_LIVEPATCH_STATE_H

#include <linux/atomic.h>

#define STATE_VERSION_READS	1	/* the id */

struct version_reads {
	atomic_t all;			/* version 1 has this */
	atomic_t by_root;		/* version 2 uses this, too */
};

#endif /* SAMPLES_LIVEPATCH_STATE_H */
