// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the readers of text: the parent's symbol table, in both of its forms,
 * and Module.symvers.  The first byte chooses: bit 0: Module.symvers, bit 1: of
 * a module.  What was read is looked up again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "parent.h"

enum { OPT_SYMVERS = 1, OPT_MODULE = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char in[64];

static void remove_in(void)
{
	unlink(in);
}

static void look_up(struct kp_symtab *st, const char *name)
{
	unsigned int sympos;
	uint64_t size;

	kp_symtab_find(st, name, true, &sympos, &size);
	kp_symtab_find(st, name, false, &sympos, &size);
	kp_symtab_overridden(st, name);
}

/* Every word of the input is a name that is asked for. */
static void read_back(uint8_t opts, char *text)
{
	struct kp_arena arena = { 0 };
	struct kp_symtab *st = NULL;
	struct kp_exports *ex = NULL;
	struct kp_elf *elf = kp_elf_new("object");
	char *word, *save = NULL;

	if (opts & OPT_SYMVERS)
		ex = kp_exports_read(&arena, in);
	else
		st = kp_symtab_read(&arena, in, opts & OPT_MODULE);
	if (st) {
		kp_symbol_new(elf, "fuzz.c")->type = STT_FILE;
		kp_symtab_bind(st, elf);
	}
	for (word = strtok_r(text, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save)) {
		if (st)
			look_up(st, word);
		if (ex)
			kp_export_find(ex, word);
	}
	kp_elf_free(elf);
	kp_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	FILE *f;

	kp_log_silence();
	if (!size)
		return 0;
	if (!in[0]) {
		snprintf(in, sizeof(in), "/tmp/fuzz-text.%d", (int)getpid());
		atexit(remove_in);
	}
	f = fopen(in, "w");
	text = malloc(size);
	if (!f || !text)
		exit(1);
	fwrite(data + 1, 1, size - 1, f);
	fclose(f);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	read_back(data[0], text);
	free(text);
	return 0;
}
