/* SPDX-License-Identifier: GPL-2.0 */
/* Compressed files and the compressed kernel inside a bzImage. */
#ifndef KP_PAYLOAD_H
#define KP_PAYLOAD_H

#include "bytes.h"

/* nothing that we unpack may grow beyond this */
#define PAYLOAD_LIMIT ((size_t)1 << 30)

/* 1: unpacked into out, 0: not compressed in a way we know, -1: damaged */
int payload_unpack(struct bytes in, struct membuf *out);

/* 1: sub is the compressed part of a bzImage, 0: not a bzImage, -1: damaged */
int payload_find(struct bytes file, struct bytes *sub);

#endif
