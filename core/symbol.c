// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of symbols.
 *
 * Newer kernels export none of their look-up functions, so the first address
 * comes from a kprobe, which is never armed, on kallsyms_lookup_name().  Before
 * 6.2 that function expands name after name and lets nobody have the CPU; it is
 * called for two or three more addresses there, and then no more.
 *
 * A patch asks for all its names at once.  Each walk of the kernel's table
 * expands some 100,000 compressed names, tens of millions of instructions, so
 * that one walk a name would take seconds for a large patch; and the walk may
 * be preempted (before 5.17 or so the kernel's own loop never yields, but
 * nothing keeps its callback from doing so).
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "compat/module.h"
#include "fault.h"
#include "symbol.h"

#define KP_NAME_BITS	8

#if KP_HAVE_KALLSYMS_CB_MODULE
#define KP_EACH_SYMBOL_ARGS						\
	void *data, const char *name, struct module *mod, unsigned long addr
#define KP_EACH_SYMBOL_MOD	(mod)
#else
#define KP_EACH_SYMBOL_ARGS						\
	void *data, const char *name, unsigned long addr
#define KP_EACH_SYMBOL_MOD	NULL
#endif

DEFINE_KP_UNEXPORTED(unsigned long, kallsyms_lookup_name, (const char *name));
DEFINE_KP_UNEXPORTED(int, kallsyms_on_each_symbol,
		     (int (*fn)(KP_EACH_SYMBOL_ARGS), void *data));
DEFINE_KP_UNEXPORTED(int, kallsyms_lookup_size_offset,
		     (unsigned long addr, unsigned long *size,
		      unsigned long *offset));
DEFINE_KP_UNEXPORTED(struct module *, find_module, (const char *name));
DEFINE_KP_UNEXPORTED(unsigned long, module_kallsyms_lookup_name,
		     (const char *name));
#if KP_HAVE_MODULE_MUTEX
static struct mutex *module_mutex_ptr;
#endif

/* vmlinux's code, but that of its init. */
static unsigned long kp_text_start, kp_text_end;

/* As much of a name as matters for aliases. */
struct kp_digest {
	u32 hash;
	size_t len;
};

/* Another name of the function @sym, which its parts may be called after. */
struct kp_alias {
	struct kp_alias *next;
	struct kp_digest name;
	struct kp_symbol *sym;
};

#define KP_RUN_MAX	8

/*
 * The questions of one pass, @nr of them, by a hash of their names.
 *
 * @aliases:	found on the way; see kp_lookup_parts_of_aliases()
 * @run:	names of the address @run_addr, which in vmlinux's table follow
 *		each other; @run_sym is among them, or NULL
 */
struct kp_lookup {
	DECLARE_HASHTABLE(names, KP_NAME_BITS);
	struct kp_symbol *syms;
	unsigned int nr;
	struct kp_alias *aliases;
	struct kp_digest run[KP_RUN_MAX];
	unsigned long run_addr;
	unsigned int run_nr;
	struct kp_symbol *run_sym;
	unsigned int seen;
	gfp_t gfp;		/* for what is allocated on the way */
	int error;
};

/*
 * gcc moves what is unlikely out of a function f, to f.cold (f.cold.N before
 * gcc 9).  Nobody calls that: f jumps there and may call others from there, so
 * that no return address on the stack lies in f itself.
 */
static bool kp_is_cold(const char *suffix)
{
	return !strncmp(suffix, ".cold", 5) && (!suffix[5] || suffix[5] == '.');
}

/* Of a name, or of what precedes the suffix of a part. */
static struct kp_digest kp_name_digest(const char *name, bool *part)
{
	struct kp_digest digest;
	const char *p = name;
	u32 hash = 5381;

	*part = false;
	for (; *p; p++) {
		*part = *p == '.' && p != name && kp_is_cold(p);
		if (*part)
			break;
		hash = hash * 33 + (unsigned char)*p;
	}
	digest.hash = hash;
	digest.len = p - name;
	return digest;
}

static bool kp_digest_same(struct kp_digest a, struct kp_digest b)
{
	return a.hash == b.hash && a.len == b.len;
}

static void kp_lookup_add(struct kp_lookup *lookup, struct kp_symbol *sym)
{
	bool part;

	sym->addr = 0;
	sym->count = 0;
	hash_add(lookup->names, &sym->node,
		 kp_name_digest(sym->name, &part).hash);
}

/* Names do not tell which f an f.cold belongs to: to each of them. */
static void kp_lookup_match_part(struct kp_lookup *lookup,
				 struct kp_symbol *sym, unsigned long addr)
{
	struct kp_part *part;

	if (!sym->parts)
		return;
	part = kp_fault() ? NULL : kzalloc(sizeof(*part), lookup->gfp);
	if (!part) {
		lookup->error = -ENOMEM;
		return;
	}
	part->addr = addr;
	part->next = *sym->parts;
	*sym->parts = part;
}

/* Of a function that was asked for, under another name than @name. */
static void kp_alias_add(struct kp_lookup *lookup, struct kp_symbol *sym,
			 struct kp_digest name)
{
	struct kp_alias *alias;
	bool part;

	if (kp_digest_same(kp_name_digest(sym->name, &part), name))
		return;
	alias = kp_fault() ? NULL : kzalloc(sizeof(*alias), lookup->gfp);
	if (!alias) {
		lookup->error = -ENOMEM;
		return;
	}
	alias->name = name;
	alias->sym = sym;
	alias->next = lookup->aliases;
	lookup->aliases = alias;
}

static void kp_aliases_free(struct kp_lookup *lookup)
{
	struct kp_alias *alias;

	while ((alias = lookup->aliases)) {
		lookup->aliases = alias->next;
		kfree(alias);
	}
}

static void kp_run_end(struct kp_lookup *lookup)
{
	unsigned int i;

	for (i = 0; lookup->run_sym && i < lookup->run_nr; i++)
		kp_alias_add(lookup, lookup->run_sym, lookup->run[i]);
	lookup->run_sym = NULL;
	lookup->run_nr = 0;
}

static void kp_run_add(struct kp_lookup *lookup, struct kp_digest name,
		       unsigned long addr)
{
	if (addr != lookup->run_addr)
		kp_run_end(lookup);
	lookup->run_addr = addr;
	if (lookup->run_nr < KP_RUN_MAX)
		lookup->run[lookup->run_nr++] = name;
}

/* A symbol of the table goes by: is it one of those that are asked for? */
static void kp_lookup_match(struct kp_lookup *lookup, const char *name,
			    unsigned long addr)
{
	struct kp_digest digest;
	struct kp_symbol *sym;
	bool part;

	digest = kp_name_digest(name, &part);
	kp_run_add(lookup, digest, addr);
	hash_for_each_possible(lookup->names, sym, node, digest.hash) {
		if (part && !strncmp(sym->name, name, digest.len) &&
		    !sym->name[digest.len])
			kp_lookup_match_part(lookup, sym, addr);
		if (strcmp(sym->name, name))
			continue;
		sym->count++;
		if (sym->count != (sym->sympos ? sym->sympos : 1))
			continue;
		sym->addr = addr;
		if (sym->parts)
			lookup->run_sym = sym;
	}
}

/* Once more: is it a part of a function that was asked for by another name? */
static void kp_lookup_match_alias(struct kp_lookup *lookup, const char *name,
				  unsigned long addr)
{
	struct kp_digest digest;
	struct kp_alias *alias;
	bool part;

	digest = kp_name_digest(name, &part);
	for (alias = part ? lookup->aliases : NULL; alias; alias = alias->next)
		if (kp_digest_same(alias->name, digest))
			kp_lookup_match_part(lookup, alias->sym, addr);
}

static int kp_each_vmlinux_symbol(KP_EACH_SYMBOL_ARGS)
{
	struct kp_lookup *lookup = data;

	/* Older kernels go on with the modules' symbols. */
	if (KP_EACH_SYMBOL_MOD)
		return 1;
	kp_lookup_match(lookup, name, addr);
	if (++lookup->seen % 256 == 0)
		cond_resched();
	return 0;
}

static int kp_each_vmlinux_part(KP_EACH_SYMBOL_ARGS)
{
	struct kp_lookup *lookup = data;

	if (KP_EACH_SYMBOL_MOD)
		return 1;
	kp_lookup_match_alias(lookup, name, addr);
	if (++lookup->seen % 256 == 0)
		cond_resched();
	return 0;
}

static void kp_walk_vmlinux(int (*fn)(KP_EACH_SYMBOL_ARGS), void *data)
{
#if KP_HAVE_MODULE_MUTEX
	/* Asserted by the walk, although it ends where the modules begin. */
	mutex_lock(module_mutex_ptr);
#endif
	kp_call(kallsyms_on_each_symbol)(fn, data);
#if KP_HAVE_MODULE_MUTEX
	mutex_unlock(module_mutex_ptr);
#endif
}

/* A system call is sys_x and SyS_x, and its part SyS_x.cold. */
static void kp_lookup_vmlinux(struct kp_lookup *lookup)
{
	kp_walk_vmlinux(kp_each_vmlinux_symbol, lookup);
	kp_run_end(lookup);
	if (lookup->aliases)
		kp_walk_vmlinux(kp_each_vmlinux_part, lookup);
}

/* The names have had their answers: from now on the hash is one of addresses. */
static void kp_lookup_by_address(struct kp_lookup *lookup)
{
	struct kp_symbol *sym;

	hash_init(lookup->names);
	for (sym = lookup->syms; sym < lookup->syms + lookup->nr; sym++)
		if (sym->parts && sym->addr)
			hash_add(lookup->names, &sym->node, sym->addr);
}

/* Is the function at @addr one that was asked for, under another name? */
static void kp_module_alias(struct kp_lookup *lookup, const char *name,
			    unsigned long addr)
{
	struct kp_digest digest;
	struct kp_symbol *sym;
	bool part;

	hash_for_each_possible(lookup->names, sym, node, addr) {
		/* A section's symbol has no name. */
		if (sym->addr != addr || !*name)
			continue;
		digest = kp_name_digest(name, &part);
		if (!part)
			kp_alias_add(lookup, sym, digest);
	}
}

static void kp_walk_symtab(const struct kp_symtab *tab,
			   void (*fn)(struct kp_lookup *lookup,
				      const char *name, unsigned long addr),
			   struct kp_lookup *lookup)
{
	unsigned int i;

	for (i = 1; i < tab->nr; i++)
		if (tab->sym[i].st_shndx != SHN_UNDEF)
			fn(lookup, tab->str + tab->sym[i].st_name,
			   tab->sym[i].st_value);
}

static void kp_lookup_module(struct kp_lookup *lookup, struct module *mod)
{
	struct kp_symtab tab;

	/*
	 * The table changes once in the life of a module, at the end of its
	 * init, and the first one is freed with the rest of its init memory.
	 * Both have all functions.  A walk under RCU cannot yield, but a
	 * module's table has thousands of entries, not 100,000, and its names
	 * need no expansion.
	 */
	kp_symtab_lock();
	kp_module_symtab(mod, &tab);
	kp_walk_symtab(&tab, kp_lookup_match, lookup);
	/* Here they are not sorted by address. */
	kp_aliases_free(lookup);
	kp_lookup_by_address(lookup);
	kp_walk_symtab(&tab, kp_module_alias, lookup);
	if (lookup->aliases)
		kp_walk_symtab(&tab, kp_lookup_match_alias, lookup);
	kp_symtab_unlock();
}

bool kp_symbol_found(const struct kp_symbol *sym)
{
	return sym->addr && (sym->sympos || sym->count == 1);
}

int kp_symbol_missing(const struct kp_symbol *sym, const char *where)
{
	if (!sym->addr) {
		pr_err("symbol '%s' (position %lu) not found in '%s'\n",
		       sym->name, sym->sympos, where);
		return -ENOENT;
	}
	pr_err("symbol '%s' is not unique in '%s': there are %lu, say which\n",
	       sym->name, where, sym->count);
	return -EINVAL;
}

void kp_parts_free(struct kp_part **parts)
{
	struct kp_part *part;

	while ((part = *parts)) {
		*parts = part->next;
		kfree(part);
	}
}

static int kp_parts_measure(const struct kp_symbol *sym)
{
	struct kp_part *part;

	for (part = sym->parts ? *sym->parts : NULL; part; part = part->next) {
		part->size = kp_symbol_size(part->addr);
		if (!part->size) {
			pr_err("cannot tell how long '%s.cold' is\n",
			       sym->name);
			return -ENOENT;
		}
	}
	return 0;
}

int kp_symbols_find(struct module *mod, struct kp_symbol *syms,
		    unsigned int nr)
{
	struct kp_lookup *lookup;
	unsigned int i;
	int ret;

	if (!nr)
		return 0;

	lookup = kp_fault() ? NULL : kzalloc(sizeof(*lookup), GFP_KERNEL);
	if (!lookup)
		return -ENOMEM;
	hash_init(lookup->names);
	lookup->syms = syms;
	lookup->nr = nr;
	/* The walk of a module's table cannot sleep. */
	lookup->gfp = mod ? GFP_ATOMIC : GFP_KERNEL;
	for (i = 0; i < nr; i++)
		kp_lookup_add(lookup, &syms[i]);

	if (mod)
		kp_lookup_module(lookup, mod);
	else
		kp_lookup_vmlinux(lookup);
	ret = lookup->error;
	kp_aliases_free(lookup);
	kfree(lookup);
	for (i = 0; i < nr && !ret; i++)
		ret = kp_parts_measure(&syms[i]);
	return ret;
}

#if KP_HAVE_KALLSYMS_BY_NAME

unsigned long kp_symbol_lookup(const char *name)
{
	return kp_call(kallsyms_lookup_name)(name);
}

#else /* !KP_HAVE_KALLSYMS_BY_NAME */

/* The search for one name. */
struct kp_search {
	const char *name;
	unsigned long addr;
	unsigned int seen;
};

static int kp_search_symbol(KP_EACH_SYMBOL_ARGS)
{
	struct kp_search *search = data;

	if (KP_EACH_SYMBOL_MOD)
		return 1;
	if (!strcmp(name, search->name)) {
		search->addr = addr;
		return 1;
	}
	if (++search->seen % 256 == 0)
		cond_resched();
	return 0;
}

unsigned long kp_symbol_lookup(const char *name)
{
	struct kp_search search = { .name = name };

	kp_walk_vmlinux(kp_search_symbol, &search);
	return search.addr;
}

#endif /* !KP_HAVE_KALLSYMS_BY_NAME */

unsigned long kp_symbol_in_module(struct module *mod, const char *name)
{
	unsigned long addr = 0;
	struct kp_symtab tab;
	unsigned int i;

	kp_symtab_lock();
	kp_module_symtab(mod, &tab);
	for (i = 1; i < tab.nr && !addr; i++)
		if (tab.sym[i].st_shndx != SHN_UNDEF &&
		    !strcmp(tab.str + tab.sym[i].st_name, name))
			addr = tab.sym[i].st_value;
	kp_symtab_unlock();
	return addr;
}

unsigned long kp_symbol_exported(const char *name)
{
	void *addr = __symbol_get(name);

	if (addr)
		__symbol_put(name);
	return (unsigned long)addr;
}

unsigned long kp_symbol_of_modules(const char *name)
{
	return kp_found(module_kallsyms_lookup_name) ?
		kp_call(module_kallsyms_lookup_name)(name) : 0;
}

char *kp_symbol_name(unsigned long addr)
{
	char *name;

	name = kp_fault() ? NULL : kasprintf(GFP_KERNEL, "%ps", (void *)addr);
	/* A module's name follows. */
	if (name)
		name[strcspn(name, " ")] = '\0';
	return name;
}

unsigned long kp_symbol_size(unsigned long addr)
{
	unsigned long size = 0, offset = 0;

	if (!kp_call(kallsyms_lookup_size_offset)(addr, &size, &offset) ||
	    offset)
		return 0;
	return size;
}

bool kp_symbol_is_text(unsigned long addr)
{
	return addr >= kp_text_start && addr < kp_text_end;
}

bool kp_symbol_offset(unsigned long addr, unsigned long *offset)
{
	unsigned long size;

	return kp_call(kallsyms_lookup_size_offset)(addr, &size, offset);
}

struct module *kp_find_module(const char *name, enum module_state *state)
{
	struct module *mod;

#if KP_HAVE_MODULE_MUTEX
	mutex_lock(module_mutex_ptr);
#else
	rcu_read_lock_sched();
#endif
	mod = kp_call(find_module)(name);
	if (mod)
		*state = READ_ONCE(mod->state);
#if KP_HAVE_MODULE_MUTEX
	mutex_unlock(module_mutex_ptr);
#else
	rcu_read_unlock_sched();
#endif
	return mod;
}

static unsigned long kp_kprobe_lookup(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long addr;

	/* A kprobe that is registered disabled resolves, and changes no text. */
	kp.flags = KPROBE_FLAG_DISABLED;
	if (register_kprobe(&kp))
		return 0;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	return addr;
}

int kp_symbol_init(void)
{
	/* With IBT that is 4 past the symbol; direct calls may go there. */
	if (!kp_find_at(kallsyms_lookup_name,
			kp_kprobe_lookup("kallsyms_lookup_name"))) {
		pr_err("cannot find kallsyms_lookup_name: are kprobes switched off?\n");
		return -ENXIO;
	}
	if (!kp_find_at(kallsyms_on_each_symbol,
			kp_call(kallsyms_lookup_name)("kallsyms_on_each_symbol"))) {
		pr_err("cannot find kallsyms_on_each_symbol\n");
		return -ENXIO;
	}
#if KP_HAVE_MODULE_MUTEX
	module_mutex_ptr = (void *)kp_call(kallsyms_lookup_name)("module_mutex");
	if (!module_mutex_ptr) {
		pr_err("cannot find module_mutex\n");
		return -ENXIO;
	}
#endif
	if (!kp_find(find_module) || !kp_find(kallsyms_lookup_size_offset)) {
		pr_err("cannot find %s\n", !kp_found(find_module) ?
		       "find_module" : "kallsyms_lookup_size_offset");
		return -ENXIO;
	}
	kp_text_start = kp_symbol_lookup("_stext");
	kp_text_end = kp_symbol_lookup("_etext");
	if (!kp_text_start || !kp_text_end) {
		pr_err("cannot find %s\n",
		       kp_text_start ? "_etext" : "_stext");
		return -ENXIO;
	}
	kp_find(module_kallsyms_lookup_name);
	return 0;
}
