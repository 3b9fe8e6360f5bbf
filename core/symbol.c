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

/* The questions of one pass, by a hash of their names. */
struct kp_lookup {
	DECLARE_HASHTABLE(names, KP_NAME_BITS);
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

/* The hash of a name, or of what precedes the suffix of a part; its length. */
static u32 kp_name_hash(const char *name, size_t *len, bool *part)
{
	const char *p = name;
	u32 hash = 5381;

	*part = false;
	for (; *p; p++) {
		*part = *p == '.' && p != name && kp_is_cold(p);
		if (*part)
			break;
		hash = hash * 33 + (unsigned char)*p;
	}
	*len = p - name;
	return hash;
}

static void kp_lookup_add(struct kp_lookup *lookup, struct kp_symbol *sym)
{
	size_t len;
	bool part;
	u32 hash = kp_name_hash(sym->name, &len, &part);

	sym->addr = 0;
	sym->count = 0;
	hash_add(lookup->names, &sym->node, hash);
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

/* A symbol of the table goes by: is it one of those that are asked for? */
static void kp_lookup_match(struct kp_lookup *lookup, const char *name,
			    unsigned long addr)
{
	struct kp_symbol *sym;
	size_t len;
	bool part;
	u32 hash = kp_name_hash(name, &len, &part);

	hash_for_each_possible(lookup->names, sym, node, hash) {
		if (part && !strncmp(sym->name, name, len) && !sym->name[len])
			kp_lookup_match_part(lookup, sym, addr);
		if (strcmp(sym->name, name))
			continue;
		sym->count++;
		if (sym->count == (sym->sympos ? sym->sympos : 1))
			sym->addr = addr;
	}
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

static void kp_lookup_module(struct kp_lookup *lookup, struct module *mod)
{
	struct kp_symtab tab;
	unsigned int i;

	/*
	 * The table changes once in the life of a module, at the end of its
	 * init, and the first one is freed with the rest of its init memory.
	 * Both have all functions.  A walk under RCU cannot yield, but a
	 * module's table has thousands of entries, not 100,000, and its names
	 * need no expansion.
	 */
	kp_symtab_lock();
	kp_module_symtab(mod, &tab);
	for (i = 1; i < tab.nr; i++) {
		if (tab.sym[i].st_shndx == SHN_UNDEF)
			continue;
		kp_lookup_match(lookup, tab.str + tab.sym[i].st_name,
				tab.sym[i].st_value);
	}
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
	/* The walk of a module's table cannot sleep. */
	lookup->gfp = mod ? GFP_ATOMIC : GFP_KERNEL;
	for (i = 0; i < nr; i++)
		kp_lookup_add(lookup, &syms[i]);

	if (mod)
		kp_lookup_module(lookup, mod);
	else
		kp_walk_vmlinux(kp_each_vmlinux_symbol, lookup);
	ret = lookup->error;
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

bool kp_symbol_offset(unsigned long addr, unsigned long *offset)
{
	unsigned long size;

	return kp_call(kallsyms_lookup_size_offset)(addr, &size, offset);
}

struct module *kp_find_module(const char *name, bool *coming)
{
	enum module_state state = MODULE_STATE_GOING;
	struct module *mod;

#if KP_HAVE_MODULE_MUTEX
	mutex_lock(module_mutex_ptr);
#else
	rcu_read_lock_sched();
#endif
	mod = kp_call(find_module)(name);
	if (mod)
		state = READ_ONCE(mod->state);
#if KP_HAVE_MODULE_MUTEX
	mutex_unlock(module_mutex_ptr);
#else
	rcu_read_unlock_sched();
#endif
	*coming = state == MODULE_STATE_COMING;
	return state == MODULE_STATE_LIVE ? mod : NULL;
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
	kp_find(module_kallsyms_lookup_name);
	return 0;
}
