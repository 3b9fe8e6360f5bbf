// SPDX-License-Identifier: GPL-2.0
/*
 * gen-image LAYOUT COUNT: write a small "vmlinux" to stdout whose .rodata has
 * kallsyms tables in one of the layouts that kernels have used, with symbols
 * whose names and addresses are known: sym_<n> at BASE + 16 * n, and every
 * tenth a second "twin" at its address + 8.
 *
 *   abs64   3.10: 64-bit addresses, 64-bit markers
 *   percpu  4.6 to 6.2: offsets, negative ones relative to the base
 *   uleb    6.2: the same with two-byte lengths
 *   late    6.4 and later: offsets behind the token index, then the base
 *   place   7.x: offsets relative to their own place, 4-byte alignment
 *
 * In its notes, behind one of another owner, is the build-id 0101...; what
 * looks like one in the data (0202...) is that of a vDSO.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE	0xffffffff81000000ull
#define RODATA	0xffffffff82000000ull

static unsigned char out[16 << 20];
static size_t n;
static unsigned int align = 8;

static void bytes(const void *p, size_t len)
{
	memcpy(out + n, p, len);
	n += len;
}

static void num(uint64_t v, unsigned int width)
{
	bytes(&v, width);
}

static void pad(void)
{
	while (n % align)
		out[n++] = 0;
}

static size_t count;
static const char *layout;

static uint64_t addr_of(size_t i)
{
	if (!strcmp(layout, "percpu") && i < 4)
		return i * 8;
	return BASE + 8 * i;
}

static void name_of(size_t i, char *buf)
{
	if (i % 10 == 9)
		strcpy(buf, "ttwin");
	else
		sprintf(buf, "Tsym_%zu", i);
	if (!strcmp(layout, "uleb") && i == 7) {
		memset(buf + 1, 'x', 200);
		buf[201] = 0;
	}
}

static void addresses(void)
{
	size_t i;

	pad();
	if (!strcmp(layout, "abs64")) {
		for (i = 0; i < count; i++)
			num(addr_of(i), 8);
		return;
	}
	for (i = 0; i < count; i++) {
		uint64_t a = addr_of(i);

		if (!strcmp(layout, "place"))
			num((uint32_t)(a - (RODATA + n)), 4);
		else if (!strcmp(layout, "late"))
			num((uint32_t)(a - BASE), 4);
		else if (a < BASE)
			num((uint32_t)a, 4);
		else
			num((uint32_t)(BASE - 1 - a), 4);
	}
	pad();
	if (strcmp(layout, "place"))
		num(BASE, 8);
}

static void tables(void)
{
	uint64_t *marker = calloc(count / 256 + 2, sizeof(*marker));
	char token[256][16], buf[256];
	unsigned int width = strcmp(layout, "abs64") ? 4 : 8;
	uint16_t index[256];
	size_t i, k, start;
	int early = strcmp(layout, "late") && strcmp(layout, "place");

	if (early)
		addresses();
	pad();
	num(count, 4);
	pad();
	start = n;
	for (i = 0; i < count; i++) {
		if (i % 256 == 0)
			marker[i / 256] = n - start;
		name_of(i, buf);
		k = strlen(buf);
		if (!strncmp(buf, "Tsym_", 5)) {
			/* token 1 is "Tsym_" */
			num(k - 4, 1);
			num(1, 1);
			bytes(buf + 5, k - 5);
			continue;
		}
		if (k > 127) {
			num((k & 0x7f) | 0x80, 1);
			num(k >> 7, 1);
		} else {
			num(k, 1);
		}
		bytes(buf, k);
	}
	pad();
	for (i = 0; i < (count + 255) / 256; i++)
		num(marker[i], width);
	free(marker);
	for (i = 0; i < 256; i++) {
		if (i == 1)
			strcpy(token[i], "Tsym_");
		else
			sprintf(token[i], "%c", i > 32 && i < 127 ? (int)i : '?');
	}
	pad();
	start = n;
	for (i = 0; i < 256; i++) {
		index[i] = (uint16_t)(n - start);
		bytes(token[i], strlen(token[i]) + 1);
	}
	pad();
	bytes(index, sizeof(index));
	if (!early)
		addresses();
}

static void note(const char *owner, int byte)
{
	char id[20];

	memset(id, byte, sizeof(id));
	while (n % 4)
		out[n++] = 0;
	num(4, 4);
	num(sizeof(id), 4);
	num(NT_GNU_BUILD_ID, 4);
	bytes(owner, 4);
	bytes(id, sizeof(id));
}

int main(int argc, char **argv)
{
	static const char names[] = "\0.rodata\0.shstrtab";
	Elf64_Ehdr eh = { .e_ident = ELFMAG, .e_type = ET_EXEC,
			  .e_machine = EM_X86_64, .e_version = 1 };
	Elf64_Shdr sh[3] = { { 0 } };
	Elf64_Phdr ph = { .p_type = PT_NOTE, .p_align = 4 };
	size_t body, notes;

	if (argc != 3)
		return 1;
	layout = argv[1];
	count = strtoul(argv[2], NULL, 0);
	if (count > 300000)
		return 1;
	if (!strcmp(layout, "place"))
		align = 4;
	num(0, 8);
	bytes("Linux version 9.9.9-test (someone)", 35);
	/* built in its source tree: __FILE__ shows it */
	if (!strcmp(layout, "place"))
		bytes("field at ./include/linux/x.h:1", 31);
	note("GNU", 2);
	tables();
	note("Xen", 3);
	notes = n - 36;
	note("GNU", 1);
	body = n;
	eh.e_phentsize = sizeof(ph);
	eh.e_phnum = 1;
	eh.e_phoff = sizeof(eh) + sizeof(sh);
	ph.p_offset = sizeof(eh) + sizeof(sh) + sizeof(ph) + notes;
	ph.p_filesz = body - notes;
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[EI_VERSION] = 1;
	eh.e_ehsize = sizeof(eh);
	eh.e_shentsize = sizeof(*sh);
	eh.e_shnum = 3;
	eh.e_shstrndx = 2;
	eh.e_shoff = sizeof(eh);
	sh[1].sh_name = 1;
	sh[1].sh_type = SHT_PROGBITS;
	sh[1].sh_flags = SHF_ALLOC;
	sh[1].sh_addr = RODATA;
	sh[1].sh_offset = sizeof(eh) + sizeof(sh) + sizeof(ph);
	sh[1].sh_size = body;
	sh[2].sh_name = 9;
	sh[2].sh_type = SHT_STRTAB;
	sh[2].sh_offset = sh[1].sh_offset + body;
	sh[2].sh_size = sizeof(names);
	fwrite(&eh, sizeof(eh), 1, stdout);
	fwrite(sh, sizeof(sh), 1, stdout);
	fwrite(&ph, sizeof(ph), 1, stdout);
	fwrite(out, body, 1, stdout);
	fwrite(names, sizeof(names), 1, stdout);
	return 0;
}
