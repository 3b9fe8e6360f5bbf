// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz create-klp-module: a linked module in, one for the kernel's livepatch
 * core out.  What it accepts it has to write so that it can be read again.
 */
#include <unistd.h>

#define main create_klp_module_main
#include "create-klp-module.c"
#undef main

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char out[64];

static void remove_out(void)
{
	unlink(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kp_elf *elf, *again;

	kp_log_silence();
	if (!out[0]) {
		snprintf(out, sizeof(out), "/tmp/fuzz-klp.%d", (int)getpid());
		atexit(remove_out);
	}
	elf = kp_elf_read_mem("module", data, size);
	if (!elf)
		return 0;
	if (!convert(elf) && !kp_elf_write(elf, out)) {
		again = kp_elf_read(out);
		if (!again)
			abort();
		kp_elf_free(again);
	}
	kp_elf_free(elf);
	return 0;
}
