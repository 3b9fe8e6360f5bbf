/* SPDX-License-Identifier: GPL-2.0 */
/* The few kernel constructs that the cases need, in their simplest form. */
#define NULL ((void *)0)
#define noinline __attribute__((__noinline__))
#define __used __attribute__((__used__))
#define __init __attribute__((__section__(".init.text"), __cold__))
#define notrace __attribute__((__no_instrument_function__))
#define __read_mostly __attribute__((__section__(".data..read_mostly")))
#define __once __attribute__((__section__(".data.once")))

int printk(const char *fmt, ...);
void warn_slowpath_fmt(const char *file, int line, const char *fmt, ...);
int helper(int x);

/* ud2 and an entry {bug, file, line, flags} in __bug_table, as in 6.1 */
#define WARN()								\
	asm volatile("1:	ud2\n"					\
		     ".pushsection __bug_table,\"aw\"\n"		\
		     "2:	.long 1b - .\n"				\
		     "	.long %c0 - .\n"				\
		     "	.word %c1\n"					\
		     "	.word 0\n"					\
		     ".popsection\n" : : "i"(__FILE__), "i"(__LINE__))

/* a static branch: 5-byte nop and an entry in __jump_table */
struct static_key { int enabled; };
#define static_branch(key)						\
	static_branch_entry(key, "	.long 1b - ., %l[l_yes] - .\n"	\
				 "	.quad %c0 - .\n")
#define static_branch_entry(key, entry)					\
({									\
	__label__ l_yes;						\
	int r_ = 0;							\
									\
	asm goto("1:	.byte 0x0f,0x1f,0x44,0x00,0x00\n"		\
		 ".pushsection __jump_table,\"aw\"\n"			\
		 "	.balign 8\n"					\
		 entry							\
		 ".popsection\n" : : "i"(key) : : l_yes);		\
	if (0) {							\
l_yes:									\
		r_ = 1;							\
	}								\
	r_;								\
})

/* an alternative: old code, new code, feature */
#define ALTERNATIVE(oldi, newi, feature)				\
	ALTERNATIVE_AND(oldi, newi, feature, "")
/* and more, assembled right behind the entry */
#define ALTERNATIVE_AND(oldi, newi, feature, more)			\
	asm volatile("661:	" oldi "\n662:\n"			\
		     ".pushsection .altinstructions,\"a\"\n"		\
		     "	.long 661b - ., 663f - .\n"			\
		     "	.word " #feature "\n"				\
		     "	.byte 662b - 661b, 664f - 663f\n"		\
		     ".popsection\n" more				\
		     ".pushsection .altinstr_replacement,\"ax\"\n"	\
		     "663:	" newi "\n664:\n"			\
		     ".popsection\n" : : : "memory")

/* a load that may fault: entry {insn, fixup, type} in __ex_table */
static inline int get_user_like(const int *p, int *err)
{
	int v, e = 0;

	asm volatile("1:	movl (%2), %1\n2:\n"			\
		     ".pushsection .fixup,\"ax\"\n"			\
		     "3:	movl $-14, %0\n	jmp 2b\n"		\
		     ".popsection\n"					\
		     ".pushsection __ex_table,\"a\"\n"			\
		     "	.balign 4\n	.long 1b - ., 3b - ., 1\n"	\
		     ".popsection\n" : "+r"(e), "=r"(v) : "r"(p) : "memory");
	*err = e;
	return v;
}

/* a debug descriptor with its line number */
struct descriptor { const char *func, *file, *format; unsigned int line, flags; };
void dynamic_debug(struct descriptor *d);
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#define pr_debug(fmt)							\
do {									\
	static struct descriptor __attribute__((__section__("__dyndbg"), __aligned__(8), __used__)) \
	CAT(__UNIQUE_ID_ddebug, __COUNTER__) = { __func__, __FILE__, fmt, __LINE__, 1 }; \
									\
	asm volatile("" : : : "memory");				\
} while (0)

#define NOKPROBE_SYMBOL(fname)						\
	static unsigned long __used					\
	__attribute__((__section__("_kprobe_blacklist")))		\
	_kbl_addr_##fname = (unsigned long)fname

/* Lists of BTF ids, in one asm(): a list, ids in it, the end. */
#define BTF_ID_LIST(name)						\
	".pushsection .BTF_ids,\"a\"\n"					\
	".local " #name "\n" #name ":\n"
#define BTF_ID(kind, name, counter)					\
	".local __BTF_ID__" #kind "__" #name "__" #counter "\n"		\
	".type __BTF_ID__" #kind "__" #name "__" #counter ", STT_OBJECT\n" \
	".size __BTF_ID__" #kind "__" #name "__" #counter ", 4\n"	\
	"__BTF_ID__" #kind "__" #name "__" #counter ":\n .zero 4\n"
#define BTF_END	".popsection\n"
