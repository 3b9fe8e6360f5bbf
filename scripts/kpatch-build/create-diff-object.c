// SPDX-License-Identifier: GPL-2.0
/*
 * create-diff-object: what two builds of an object differ in, as an object
 * for a patch module. The passes are listed in diff.h.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "log.h"
#include "parent.h"

static const char usage_text[] =
"Usage: create-diff-object [-ad] [-c klp|kpatch] [-s SIZES.o]\n"
"           ORIG.o PATCHED.o PARENT-NAME PARENT-SYMTAB MODULE.SYMVERS PATCH-NAME OUT.o\n"
"\n"
"  -c, --core CORE   who loads the patch: klp (default) or kpatch\n"
"  -s, --sizes FILE  sizes-probe.c as compiled in the kernel's tree\n"
"  -a, --all         for tests: every function that can be replaced counts as changed\n"
"  -d, --debug       say what is decided and why\n"
"  -h, --help        this text\n"
"\n"
"Exit status: 0 made, 1 error, 2 cannot be live-patched, 3 no change.\n";

struct args {
	bool debug, all;
	const char *core, *sizes;
	char **v;	/* the seven */
};

static int parse_args(int argc, char **argv, struct args *a)
{
	static const struct option longs[] = {
		{ "core", required_argument, NULL, 'c' },
		{ "sizes", required_argument, NULL, 's' },
		{ "all", no_argument, NULL, 'a' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:s:adh", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			a->core = optarg;
			break;
		case 's':
			a->sizes = optarg;
			break;
		case 'a':
			a->all = true;
			break;
		case 'd':
			a->debug = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(KP_OK);
		default:
			return -KP_ERROR;
		}
	}
	if (argc - optind != 7)
		return kp_err("expected 7 arguments, got %d (see --help)", argc - optind);
	if (strcmp(a->core, "klp") && strcmp(a->core, "kpatch"))
		return kp_err("unknown core \"%s\": klp or kpatch", a->core);
	a->v = argv + optind;
	return 0;
}

static int read_inputs(struct kp_diff *d, const struct args *a)
{
	bool module = strcmp(a->v[2], "vmlinux");

	d->parent = a->v[2];
	d->patch_name = a->v[5];
	d->all = a->all;
	d->late_relocs = !strcmp(a->core, "kpatch");
	d->orig.elf = kp_elf_read(a->v[0]);
	if (!d->orig.elf)
		return -KP_ERROR;
	d->patched.elf = kp_elf_read(a->v[1]);
	if (!d->patched.elf)
		return -KP_ERROR;
	d->symtab = kp_symtab_read(&d->arena, a->v[3], module);
	if (!d->symtab)
		return -KP_ERROR;
	d->exports = kp_exports_read(&d->arena, a->v[4]);
	if (!d->exports)
		return -KP_ERROR;
	if (a->sizes) {
		d->sizes = kp_sizes_read(&d->arena, a->sizes);
		if (!d->sizes)
			return -KP_ERROR;
	}
	kp_symtab_bind(d->symtab, d->orig.elf);
	return 0;
}

int main(int argc, char **argv)
{
	struct args a = { .core = "klp" };
	struct kp_diff d = { .nfuncs = 0 };
	int ret;

	kp_log_init("create-diff-object", 0);
	ret = parse_args(argc, argv, &a);
	if (ret)
		return -ret;
	kp_log_init("create-diff-object", a.debug);
	ret = read_inputs(&d, &a);
	if (!ret)
		ret = kp_diff(&d);
	if (!ret)
		ret = kp_elf_write(d.out, a.v[6]);
	kp_elf_free(d.orig.elf);
	kp_elf_free(d.patched.elf);
	kp_elf_free(d.out);
	kp_arena_free(&d.arena);
	return -ret;
}
