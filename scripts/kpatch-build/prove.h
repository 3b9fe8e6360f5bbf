/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Proof of the compile: an object that we compiled from unpatched source, with
 * the flags of the shipped kernel, against the machine code that was shipped.
 *
 * Every section of the object lies at one address in the image (the linker
 * moves sections, not functions).  Symbols propose addresses, the code decides:
 * each byte outside relocated fields must be equal, and each relocated field
 * must lead to one and the same place for one and the same symbol.  What is
 * proved that way gives the address of every symbol of the object, and so its
 * place (sympos) among symbols of the same name.
 */
#ifndef KP_PROVE_H
#define KP_PROVE_H

#include "elf_io.h"
#include "image.h"

enum site_kind {
	SITE_FIELD,	/* a relocated field */
	SITE_FENTRY,	/* the whole call of __fentry__: may have become a nop */
	SITE_JUMP,	/* a static branch: jmp or nop of the same length */
};

/* bytes of the object that may differ from the image, and how */
struct site {
	uint64_t off;
	unsigned int len;
	enum site_kind kind;
	const struct kp_rela *rela;	/* SITE_FIELD, SITE_FENTRY */
};

struct psec {
	struct kp_section *sec;
	struct site *site;	/* by offset; executable sections only */
	size_t nsite;
	bool known;		/* base is */
	bool checked;		/* its functions were compared at base */
	uint64_t base;
	const struct kp_symbol *learned_from;	/* the function that told */
};

struct psym {
	bool known;
	uint64_t addr;
};

/* what did not fit, for one sentence to the user */
struct misfit {
	const struct kp_symbol *func;
	uint64_t off;		/* in func */
	char what[400];
};

struct pfunc {
	const struct kp_symbol *sym;
	uint64_t addr;
	size_t fields;
	bool equal;
};

struct proof {
	const struct kimage *img;
	struct kp_elf *obj;
	struct psec *sec;	/* by section index */
	size_t nsec;
	struct psym *sym;	/* by symbol index */
	size_t nsym;
	struct pfunc *func;
	size_t nfunc, nequal;
	struct misfit first;	/* the first misfit that counts */
};

/*
 * 0: every function of the object is in the image, as compiled.
 * -KP_ERROR: it is not (p->first says what), or no proof is possible.
 * A proof is made with proof_new() and released with proof_free() either way.
 */
struct proof *proof_new(const struct kimage *img, struct kp_elf *obj);
int proof_run(struct proof *p);
void proof_free(struct proof *p);

/* address of a symbol of the object, if the proof gave one */
bool proof_addr(const struct proof *p, const struct kp_symbol *sym,
		uint64_t *addr);

static inline bool prove_is_func(const struct kp_symbol *s)
{
	return s->type == STT_FUNC && s->sec && s->size &&
	       (s->sec->flags & SHF_EXECINSTR) && (s->sec->flags & SHF_ALLOC);
}

/* prove_site.c */
bool sites_collect(struct proof *p, struct psec *ps);

/* prove_match.c: compare one function at base; on success learn from it */
bool match_func(struct proof *p, struct psec *ps, uint64_t base,
		const struct kp_symbol *func, struct misfit *why,
		size_t *fields);
bool match_learn(struct proof *p, struct psec *ps, uint64_t base,
		 const struct kp_symbol *func, struct misfit *why);

/* prove_out.c */
int proof_write_symtab(const struct proof *p, const char *path,
		       const char *unit);
int proof_write_report(const struct proof *p, const char *path);
void proof_explain(const struct proof *p);

#endif
