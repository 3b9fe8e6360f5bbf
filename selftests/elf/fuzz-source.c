// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz what reads source: declarations, of a file and, if the first byte is odd,
 * of one that is preprocessed.
 */
#define main declarations_main
#include "declarations.c"
#undef main

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t said;

	if (!size)
		return 0;
	preprocessed = data[0] & 1;
	out = open_memstream(&text, &said);
	if (!out)
		return 0;
	declarations((const char *)data + 1, size - 1);
	fclose(out);
	/* It says what is there, and ends lines. */
	if (said > 2 * size)
		abort();
	free(text);
	return 0;
}
