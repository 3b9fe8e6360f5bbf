// SPDX-License-Identifier: GPL-2.0
/*
 * Unpack what kernels and modules come wrapped in.
 *
 * A bzImage names the place of its compressed vmlinux in the setup header
 * (boot protocol 2.08 and later).  The payload ends with the length of the
 * unpacked data in four bytes, which only gzip has as part of its own format.
 */
#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "payload.h"

#define CHUNK ((size_t)1 << 20)

static int unpack_gzip(struct bytes in, struct membuf *out)
{
	z_stream z = { .next_in = (Bytef *)in.p, .avail_in = (uInt)in.n };
	int ret;

	if (in.n > UINT32_MAX || inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return -1;
	do {
		if (!membuf_reserve(out, CHUNK)) {
			ret = Z_MEM_ERROR;
			break;
		}
		z.next_out = out->p + out->n;
		z.avail_out = CHUNK;
		ret = inflate(&z, Z_NO_FLUSH);
		out->n += CHUNK - z.avail_out;
	} while (ret == Z_OK);
	inflateEnd(&z);
	return ret == Z_STREAM_END ? 1 : -1;
}

static int unpack_lzma(struct bytes in, struct membuf *out, bool alone)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret ret;

	ret = alone ? lzma_alone_decoder(&s, (uint64_t)1 << 29) :
		      lzma_stream_decoder(&s, (uint64_t)1 << 29, 0);
	if (ret != LZMA_OK)
		return -1;
	s.next_in = in.p;
	s.avail_in = in.n;
	do {
		if (!membuf_reserve(out, CHUNK)) {
			ret = LZMA_MEM_ERROR;
			break;
		}
		s.next_out = out->p + out->n;
		s.avail_out = CHUNK;
		ret = lzma_code(&s, LZMA_RUN);
		out->n += CHUNK - s.avail_out;
	} while (ret == LZMA_OK);
	lzma_end(&s);
	return ret == LZMA_STREAM_END ? 1 : -1;
}

static int unpack_zstd(struct bytes in, struct membuf *out)
{
	ZSTD_DStream *d = ZSTD_createDStream();
	ZSTD_inBuffer src = { in.p, in.n, 0 };
	size_t ret = 1, before;

	if (!d)
		return -1;
	ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, 27);
	while (ret && !ZSTD_isError(ret)) {
		ZSTD_outBuffer dst = { NULL, CHUNK, 0 };

		if (!membuf_reserve(out, CHUNK))
			break;
		dst.dst = out->p + out->n;
		before = src.pos;
		ret = ZSTD_decompressStream(d, &dst, &src);
		out->n += dst.pos;
		if (!ZSTD_isError(ret) && !dst.pos && src.pos == before)
			break;
	}
	ZSTD_freeDStream(d);
	return ret ? -1 : 1;
}

/* the "legacy" frame: blocks of at most 8 MiB, each with its packed length */
static int unpack_lz4(struct bytes in, struct membuf *out)
{
	const size_t block = (size_t)8 << 20;
	uint64_t off = 4;
	uint32_t len;
	int got;

	while (bytes_u32(&in, off, &len) && len) {
		off += 4;
		/* the length of the unpacked data, appended by the kernel */
		if (!bytes_has(&in, off, len) || len > INT32_MAX)
			return off == in.n && out->n ? 1 : -1;
		if (!membuf_reserve(out, block))
			return -1;
		got = LZ4_decompress_safe((const char *)in.p + off,
					  (char *)out->p + out->n,
					  (int)len, (int)block);
		if (got < 0)
			return -1;
		out->n += (size_t)got;
		off += len;
	}
	return out->n ? 1 : -1;
}

static int unpack_bzip2(struct bytes in, struct membuf *out)
{
	bz_stream s = { .next_in = (char *)in.p, .avail_in = (unsigned)in.n };
	int ret;
	unsigned int left;

	if (in.n > UINT32_MAX || BZ2_bzDecompressInit(&s, 0, 0) != BZ_OK)
		return -1;
	do {
		if (!membuf_reserve(out, CHUNK)) {
			ret = BZ_MEM_ERROR;
			break;
		}
		left = s.avail_in;
		s.next_out = (char *)out->p + out->n;
		s.avail_out = CHUNK;
		ret = BZ2_bzDecompress(&s);
		out->n += CHUNK - s.avail_out;
		if (ret == BZ_OK && left == s.avail_in &&
		    s.avail_out == CHUNK)
			ret = BZ_UNEXPECTED_EOF;
	} while (ret == BZ_OK);
	BZ2_bzDecompressEnd(&s);
	return ret == BZ_STREAM_END ? 1 : -1;
}

int payload_unpack(struct bytes in, struct membuf *out)
{
	if (in.n < 8)
		return 0;
	if (!memcmp(in.p, "\x1f\x8b\x08", 3))
		return unpack_gzip(in, out);
	if (!memcmp(in.p, "\xfd" "7zXZ", 6))
		return unpack_lzma(in, out, false);
	if (!memcmp(in.p, "\x28\xb5\x2f\xfd", 4))
		return unpack_zstd(in, out);
	if (!memcmp(in.p, "\x02\x21\x4c\x18", 4))
		return unpack_lz4(in, out);
	if (!memcmp(in.p, "\x5d\x00\x00", 3))
		return unpack_lzma(in, out, true);
	if (!memcmp(in.p, "BZh", 3))
		return unpack_bzip2(in, out);
	return 0;
}

int payload_find(struct bytes file, struct bytes *sub)
{
	uint16_t magic, version;
	uint32_t off, len;
	uint64_t start;

	if (!bytes_u16(&file, 0x1fe, &magic) || magic != 0xaa55 ||
	    !bytes_has(&file, 0x202, 4) || memcmp(file.p + 0x202, "HdrS", 4))
		return 0;
	if (!bytes_u16(&file, 0x206, &version) || version < 0x208 ||
	    !bytes_u32(&file, 0x248, &off) || !bytes_u32(&file, 0x24c, &len))
		return -1;
	start = ((file.p[0x1f1] ? file.p[0x1f1] : 4) + (uint64_t)1) * 512;
	return bytes_sub(&file, start + off, len, sub) ? 1 : -1;
}
