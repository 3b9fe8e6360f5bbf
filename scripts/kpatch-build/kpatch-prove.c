// SPDX-License-Identifier: GPL-2.0
/* kpatch-prove: is this object what was shipped in that image? */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "prove.h"

static const char usage_text[] =
"usage: kpatch-prove [OPTION]... IMAGE OBJECT.o\n"
"       kpatch-prove --info IMAGE\n"
"       kpatch-prove --symbols IMAGE\n"
"       kpatch-prove --unpack FILE IMAGE\n"
"\n"
"Compare the functions of OBJECT.o, compiled from unpatched source, with the\n"
"machine code in IMAGE (a vmlinuz, a vmlinux, or a module, packed or not).\n"
"\n"
"  -u, --unit NAME      name of the source in the symbol table (default: from OBJECT.o)\n"
"  -s, --symtab FILE    write the image's symbols for create-diff-object\n"
"  -r, --report FILE    write the proof as JSON\n"
"  -v, --verbose        print every function\n"
"      --info           print what the image is\n"
"      --symbols        print the image's symbols, by address\n"
"      --unpack FILE    write the ELF file that is packed in the image\n"
"  -h, --help           this text\n"
"\n"
"Exit status: 0 every function is equal; 1 not equal, or an error.\n";

struct options {
	const char *unit, *symtab, *report, *unpack;
	bool verbose, info, symbols;
};

/* How __FILE__ begins in headers: it depends on where the kernel was built. */
static const char *header_prefix(const struct kimage *img)
{
	static const char dotted[] = "./include/linux/";
	size_t i;

	for (i = 0; i < img->nreg; i++) {
		const struct bytes *b = &img->reg[i].data;

		if (b->p && memmem(b->p, b->n, dotted, sizeof(dotted) - 1))
			return "./include/";
	}
	return "include/";
}

static int print_info(const struct kimage *img)
{
	printf("kind: %s\n", img->module ? "module" : "kernel");
	printf("release: %s\nbanner: %s\nbuild-id: %s\nsymbols: %zu\n",
	       img->release, img->banner, img->build_id, img->syms.n);
	printf("headers: %s\n", header_prefix(img));
	return 0;
}

static int print_symbols(const struct kimage *img)
{
	size_t i;

	for (i = 0; i < img->syms.n; i++) {
		const struct ksym *s = img->syms.by_addr[i];

		printf("%016" PRIx64 " %c %s\n", s->addr, s->type,
		       symtab_name(&img->syms, s));
	}
	return 0;
}

static int unpack(const struct kimage *img, const char *path)
{
	FILE *f = fopen(path, "we");
	bool good;

	if (!f)
		return kp_err("%s: %s", path, strerror(errno));
	good = fwrite(img->elf.p, 1, img->elf.n, f) == img->elf.n;
	if (fclose(f) || !good)
		return kp_err("%s: %s", path, strerror(errno));
	return 0;
}

static void print_functions(const struct proof *p)
{
	size_t i;

	for (i = 0; i < p->nfunc; i++) {
		const struct pfunc *f = &p->func[i];
		const struct ksym *k = symtab_exact(&p->img->syms,
						    f->sym->name, f->addr);

		printf("%-8s 0x%" PRIx64 " %6" PRIu64 " bytes %4zu fields  %s",
		       f->equal ? "equal" : "DIFFERS", f->addr, f->sym->size,
		       f->fields, f->sym->name);
		if (k && symtab_sympos(&p->img->syms, k))
			printf(",%u", symtab_sympos(&p->img->syms, k));
		putchar('\n');
	}
}

static int prove(const struct kimage *img, const char *path,
		 const struct options *opt)
{
	struct kp_elf *obj = kp_elf_read(path);
	const char *unit = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct proof *p;
	int ret;

	if (!obj)
		return -KP_ERROR;
	p = proof_new(img, obj);
	ret = p ? proof_run(p) : kp_err("out of memory");
	if (p && opt->verbose)
		print_functions(p);
	if (ret && p)
		proof_explain(p);
	if (p && opt->report && proof_write_report(p, opt->report))
		ret = -KP_ERROR;
	if (!ret && opt->symtab)
		ret = proof_write_symtab(p, opt->symtab,
					 opt->unit ? opt->unit : unit);
	if (!ret)
		kp_info("%zu functions of %s are equal to %s", p->nequal, path,
			img->path);
	proof_free(p);
	kp_elf_free(obj);
	return ret;
}

static int parse(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {
		{ "unit", required_argument, NULL, 'u' },
		{ "symtab", required_argument, NULL, 's' },
		{ "report", required_argument, NULL, 'r' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "info", no_argument, NULL, 'I' },
		{ "symbols", no_argument, NULL, 'S' },
		{ "unpack", required_argument, NULL, 'U' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "u:s:r:vh", longs, NULL)) != -1) {
		switch (c) {
		case 'u': opt->unit = optarg; break;
		case 's': opt->symtab = optarg; break;
		case 'r': opt->report = optarg; break;
		case 'v': opt->verbose = true; break;
		case 'I': opt->info = true; break;
		case 'S': opt->symbols = true; break;
		case 'U': opt->unpack = optarg; break;
		case 'h': fputs(usage_text, stdout); exit(0);
		default: return -1;
		}
	}
	return argc - optind == (opt->info || opt->symbols || opt->unpack ? 1 : 2) ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct options opt = { 0 };
	struct kimage *img;
	int ret;

	kp_log_init("kpatch-prove", 0);
	if (parse(argc, argv, &opt)) {
		fputs(usage_text, stderr);
		return KP_ERROR;
	}
	img = kimage_open(argv[optind]);
	if (!img)
		return KP_ERROR;
	if (opt.info)
		ret = print_info(img);
	else if (opt.symbols)
		ret = print_symbols(img);
	else if (opt.unpack)
		ret = unpack(img, opt.unpack);
	else
		ret = prove(img, argv[optind + 1], &opt);
	kimage_close(img);
	if (fflush(stdout))
		ret = kp_err("cannot write the output");
	return ret ? KP_ERROR : 0;
}
