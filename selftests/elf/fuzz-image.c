// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the readers of shipped images: bzImage, compression, vmlinux, kallsyms
 * and modules.
 */
#include <stdlib.h>

#include "image.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct membuf buf = { .limit = (size_t)64 << 20 };
	struct kimage *img;
	size_t i;

	kp_log_silence();
	if (!membuf_add(&buf, data, size)) {
		membuf_free(&buf);
		return 0;
	}
	img = kimage_from("fuzz", &buf);
	if (!img)
		return 0;
	/* what was accepted must be readable all over */
	for (i = 0; i < img->syms.n; i++) {
		const struct ksym *s = img->syms.by_addr[i];
		struct bytes b;

		if (symtab_exact(&img->syms, symtab_name(&img->syms, s),
				 s->addr) == NULL)
			abort();
		symtab_sympos(&img->syms, s);
		kimage_bytes(img, s->addr, 16, &b);
		if (i > 2000)
			break;
	}
	kimage_close(img);
	return 0;
}
