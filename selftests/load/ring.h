/* SPDX-License-Identifier: GPL-2.0 */
/* For kp-load: a read by io_uring, without a library that guests would need. */
#ifndef KP_LOAD_RING_H
#define KP_LOAD_RING_H

#include <errno.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_RING	255	/* no errno */

/* read_by_ring: one read of @fd by @ring, which is new; 0 or errno */
static int read_by_ring(int ring, const struct io_uring_params *p, int fd)
{
	size_t sq_len = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	size_t cq_len = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	size_t len = sq_len > cq_len ? sq_len : cq_len;
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	static char buf[16];
	char *map;

	map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		   IORING_OFF_SQ_RING);
	sqe = mmap(NULL, sizeof(*sqe) * p->sq_entries, PROT_READ | PROT_WRITE,
		   MAP_SHARED, ring, IORING_OFF_SQES);
	if (map == MAP_FAILED || sqe == MAP_FAILED)
		return errno;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_READ;
	sqe->flags = IOSQE_ASYNC;	/* by a worker, not here */
	sqe->fd = fd;
	sqe->addr = (uintptr_t)buf;
	sqe->len = sizeof(buf);
	*(uint32_t *)(map + p->sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(map + p->sq_off.tail), 1, __ATOMIC_RELEASE);
	errno = EIO;
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return errno;
	/* It also ends, and says the same, when a signal has come. */
	while (!__atomic_load_n((uint32_t *)(map + p->cq_off.tail), __ATOMIC_ACQUIRE))
		if (syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0 &&
		    errno != EINTR)
			return errno;
	cqe = (struct io_uring_cqe *)(map + p->cq_off.cqes);
	return cqe->res < 0 ? -cqe->res : 0;
}

/*
 * ring_child: what a child does, which takes ring and maps with it; 0, NO_RING or
 * errno
 */
static int ring_child(int fd)
{
	struct io_uring_params params = { 0 };
	int ring;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ring = (int)syscall(SYS_io_uring_setup, 1, &params);
	/* Older than 5.6, or forbidden. */
	if (ring < 0 || !(params.features & IORING_FEAT_SINGLE_MMAP) ||
	    !(params.features & IORING_FEAT_RW_CUR_POS))
		return NO_RING;
	return read_by_ring(ring, &params, fd);
}

#endif /* KP_LOAD_RING_H */
