// SPDX-License-Identifier: GPL-2.0
/*
 * Feeds damaged objects to the ELF reader and to every pass of the diff.
 *
 * With libFuzzer (clang -fsanitize=fuzzer, see "fuzz") the fuzzer makes the
 * inputs; with AFL++ or by hand, "fuzz-elf FILE..." runs each file once; and
 * "fuzz-elf -n COUNT -s SEED FILE" damages FILE itself: truncations, then
 * COUNT seeded random changes. Success is to end without a sanitizer report.
 *
 * An input is one object, or a pair: "KP", a byte of options (bit 0: all
 * functions changed, bit 1: for kpatch.ko, bit 2: of a module), a zero byte,
 * the first object's length as four bytes, both objects. The parent's symbols
 * are read from the file that KP_FUZZ_SYMTAB names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff.h"
#include "log.h"
#include "parent.h"

enum { OPT_ALL = 1, OPT_KPATCH = 2, OPT_MODULE = 4 };

static char own_symtab[] = "/tmp/fuzz-elf-XXXXXX";
static const char *symtab_path = own_symtab;

/* Runs every pass over two objects in memory. */
static int diff_opts(const unsigned char *a, size_t na,
		     const unsigned char *b, size_t nb, unsigned int opts)
{
	struct kp_diff d = { .parent = "vmlinux", .patch_name = "fuzz" };
	int ret = -1;

	d.all = opts & OPT_ALL;
	d.late_relocs = opts & OPT_KPATCH;
	if (opts & OPT_MODULE)
		d.parent = "fuzzed";

	d.orig.elf = kp_elf_read_mem("orig", a, na);
	if (!d.orig.elf)
		return ret;
	d.patched.elf = kp_elf_read_mem("patched", b, nb);
	d.symtab = kp_symtab_read(&d.arena, symtab_path, false);
	d.exports = kp_exports_read(&d.arena, "/dev/null");
	if (d.patched.elf && d.symtab && d.exports) {
		kp_symtab_bind(d.symtab, d.orig.elf);
		ret = kp_diff(&d);
	}
	kp_elf_free(d.orig.elf);
	kp_elf_free(d.patched.elf);
	kp_elf_free(d.out);
	kp_arena_free(&d.arena);
	return ret;
}

static int diff_with(const unsigned char *a, size_t na,
		     const unsigned char *b, size_t nb)
{
	return diff_opts(a, na, b, nb, 0);
}

/* The parent's symbols: those of @good, so that diffs go all the way. */
static void make_symtab(const unsigned char *good, size_t len)
{
	struct kp_elf *elf = kp_elf_read_mem("good", good, len);
	FILE *f = fopen(symtab_path, "w");
	struct kp_symbol *s;

	if (!f)
		exit(1);
	fprintf(f, "0 T f\n");
	if (elf)
		kp_for_each_symbol(elf, s)
			if (s->name[0])
				fprintf(f, "%lx %c %s\n", (unsigned long)s->value,
					s->bind == STB_LOCAL ? 't' : 'T', s->name);
	fclose(f);
	kp_elf_free(elf);
}

static void remove_symtab(void)
{
	unlink(own_symtab);
}

static void init(const unsigned char *data, size_t size)
{
	const char *given = getenv("KP_FUZZ_SYMTAB");

	kp_log_silence();
	if (given) {
		symtab_path = given;
		return;
	}
	if (mkstemp(own_symtab) < 0)
		exit(1);
	atexit(remove_symtab);
	make_symtab(data, size);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static bool ready;
	uint32_t first;

	if (!ready)
		init(data, size);
	ready = true;
	if (size < 8 || memcmp(data, "KP", 2)) {
		diff_with(data, size, data, size);
		return 0;
	}
	memcpy(&first, data + 4, 4);
	if (first > size - 8)
		first = (uint32_t)(size - 8);
	diff_opts(data + 8, first, data + 8 + first, size - 8 - first, data[2]);
	return 0;
}

#ifndef KP_LIBFUZZER
static unsigned long long seed = 1;

static unsigned int rnd(unsigned int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)(seed >> 33) % n;
}

static unsigned char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	unsigned char *buf;
	long n;

	if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(f);
	buf = malloc((size_t)n + 1);
	if (!buf || fread(buf, 1, (size_t)n, f) != (size_t)n)
		exit(1);
	fclose(f);
	*len = (size_t)n;
	return buf;
}

static void damage(unsigned char *buf, size_t len)
{
	static const unsigned char nasty[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned int changes = 1 + rnd(4);

	while (changes--) {
		size_t at = rnd((unsigned int)len);

		/* headers at both ends are the most interesting bytes */
		if (rnd(3) == 0)
			at = rnd(64);
		else if (rnd(2) == 0 && len > 4096)
			at = len - 1 - rnd(4096);
		if (rnd(2))
			buf[at] ^= (unsigned char)(1 << rnd(8));
		else
			buf[at] = nasty[rnd(sizeof(nasty))];
	}
}

static void mutate(const unsigned char *good, size_t len, unsigned long count)
{
	unsigned char *bad = malloc(len + 1);
	unsigned long accepted = 0, i;

	if (!bad)
		exit(1);
	make_symtab(good, len);
	for (i = 0; i < 200; i++)
		diff_with(good, len * i / 200, good, len);
	for (i = 0; i < count; i++) {
		memcpy(bad, good, len);
		damage(bad, len);
		/* damaged against good, good against damaged, damaged against itself */
		accepted += diff_with(good, len, bad, len) == 0;
		diff_with(bad, len, good, len);
		if (i % 4 == 0)
			diff_with(bad, len, bad, len);
	}
	printf("%lu damaged objects, %lu still understood\n", count + 200, accepted);
	free(bad);
}

int main(int argc, char **argv)
{
	unsigned long count = 0;
	int i = 1;

	LLVMFuzzerTestOneInput((const unsigned char *)"", 0);
	for (; i < argc && argv[i][0] == '-' && i + 1 < argc; i += 2) {
		if (argv[i][1] == 'n')
			count = strtoul(argv[i + 1], NULL, 0);
		else if (argv[i][1] == 's')
			seed = strtoull(argv[i + 1], NULL, 0) | 1;
	}
	for (; i < argc; i++) {
		size_t len;
		unsigned char *buf = slurp(argv[i], &len);

		if (count)
			mutate(buf, len, count);
		else
			LLVMFuzzerTestOneInput(buf, len);
		free(buf);
	}
	return 0;
}
#endif
