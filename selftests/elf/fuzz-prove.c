// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the proof of the compile, which reads an object and an image side by
 * side, and writes a symbol table and a report.  An input is a pair: "KP", two
 * bytes, the image's length as four bytes, image, object.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prove.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const struct kimage *img, struct kp_elf *obj)
{
	struct proof *p = proof_new(img, obj);
	struct kp_symbol *s;
	uint64_t addr;

	if (!p)
		return;
	if (proof_run(p)) {
		proof_explain(p);
	} else {
		/* what is known must be inside of the image */
		kp_for_each_symbol(obj, s)
			if (prove_is_func(s) && proof_addr(p, s, &addr) &&
			    !kimage_region(img, addr))
				abort();
		proof_write_symtab(p, "/dev/null", "fuzz.c");
	}
	proof_write_report(p, "/dev/null");
	proof_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct membuf buf = { .limit = (size_t)64 << 20 };
	struct kimage *img;
	struct kp_elf *obj;
	uint32_t first;

	kp_log_silence();
	if (size < 8 || memcmp(data, "KP", 2))
		return 0;
	memcpy(&first, data + 4, 4);
	if (first > size - 8)
		first = (uint32_t)(size - 8);
	if (!membuf_add(&buf, data + 8, first)) {
		membuf_free(&buf);
		return 0;
	}
	img = kimage_from("fuzz", &buf);
	if (!img)
		return 0;
	obj = kp_elf_read_mem("object", data + 8 + first, size - 8 - first);
	if (obj)
		run(img, obj);
	kp_elf_free(obj);
	kimage_close(img);
	return 0;
}
