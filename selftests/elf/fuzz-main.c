// SPDX-License-Identifier: GPL-2.0
/*
 * A main() for the harnesses without libFuzzer: runs each file that is given
 * once, for AFL++ and for what a fuzzer has found.
 */
#include "bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		struct membuf buf = { .limit = (size_t)256 << 20 };

		if (!bytes_read_file(argv[i], &buf))
			LLVMFuzzerTestOneInput(buf.p, buf.n);
		membuf_free(&buf);
	}
	return 0;
}
