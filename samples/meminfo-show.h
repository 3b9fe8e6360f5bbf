/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A meminfo_proc_show() of our own: /proc/meminfo as a table
 *
 * Used by livepatch-meminfo.c and livepatch-replace.c, which see.  Kernels
 * differ in what they count, so each line that not all kernels have stands
 * under the condition that the kernel itself puts it under: a CONFIG_ option,
 * or the counter being there (HAVE_*, from the headers that we are compiled
 * with: see meminfo-probe.c).  Whoever adds a line for a newer kernel adds it
 * here; meminfo_prepare() refuses to load on a kernel whose lines differ.
 */
#ifndef SAMPLES_MEMINFO_SHOW_H
#define SAMPLES_MEMINFO_SHOW_H

#include <linux/hugetlb.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#ifdef CONFIG_CMA
#include <linux/cma.h>
#endif
#include "meminfo-have.h"
#include "unexported.h"
#ifdef HAVE_zswap_total_pages
#include <linux/zswap.h>
#endif

/* What every kernel answers the same way: is the probing sound? */
#if defined(HAVE_NODE_NR_FILE_PAGES) == defined(HAVE_ZONE_NR_FILE_PAGES) || \
	defined(HAVE_NODE_NR_NO_SUCH_THING)
#error "meminfo-have.h is broken: see meminfo-probe.c"
#endif

/* What a line shows: a count, in units of so many kB, from one of these. */
enum meminfo_source {
	FROM_SYSINFO,		/* a field of struct sysinfo */
	FROM_NODE,		/* enum node_stat_item, maybe the sum of two */
	FROM_ZONE,		/* enum zone_stat_item */
	FROM_FUNC,		/* a function below */
	FROM_NOTHING,		/* a line that lost its meaning shows 0 */
	FROM_REPORT,		/* a function that prints lines of its own */
};

struct meminfo_line {
	const char *label;
	enum meminfo_source source;
	int item;		/* FROM_SYSINFO: offset; else the enumerator */
	int plus;		/* second enumerator, or NO_ITEM */
	unsigned int unit;	/* kB for each one counted */
	unsigned long (*count)(const struct sysinfo *si);
	void (*report)(struct seq_file *m);
	int (*find)(void);	/* finds the unexported symbol it needs */
};

#define NO_ITEM		(-1)
#define PAGE_KB		(PAGE_SIZE / 1024)

#define LINE_SYSINFO(text, field)					\
	{ .label = text, .source = FROM_SYSINFO, .unit = PAGE_KB,	\
	  .item = offsetof(struct sysinfo, field) }
#define LINE_NODES(text, a, b, kb)					\
	{ .label = text, .source = FROM_NODE, .unit = kb,		\
	  .item = a, .plus = b }
#define LINE_NODE(text, a)	LINE_NODES(text, a, NO_ITEM, PAGE_KB)
#define LINE_SUM(text, a, b)	LINE_NODES(text, a, b, PAGE_KB)
#define LINE_ZONE(text, a)						\
	{ .label = text, .source = FROM_ZONE, .unit = PAGE_KB, .item = a }
#define LINE_FUNC(text, function, kb, finder)				\
	{ .label = text, .source = FROM_FUNC, .unit = kb,		\
	  .count = function, .find = finder }
#define LINE_NOTHING(text)						\
	{ .label = text, .source = FROM_NOTHING }
#define LINE_REPORT(function, finder)					\
	{ .source = FROM_REPORT, .report = function, .find = finder }

/*
 * What is not exported, next to the function that makes a count of it.  A name
 * must be declared by a header, so that its type is known, and asked for under
 * the condition under which this kernel has it.
 */
int meminfo_proc_show(struct seq_file *m, void *v);
UNEXPORTED_FUNC(meminfo_proc_show);

#ifdef CONFIG_SWAP
UNEXPORTED_FUNC(si_swapinfo);
#define swapinfo	unexported(si_swapinfo)
#else
#define swapinfo(si)	si_swapinfo(si)
#define find_si_swapinfo NULL
#endif

#if defined(CONFIG_SWAP) && !defined(HAVE_NODE_NR_SWAPCACHE)
UNEXPORTED_FUNC(total_swapcache_pages);
#define swapcache	unexported(total_swapcache_pages)
#else /* it is an inline function, or 0 */
#define swapcache()	total_swapcache_pages()
#define find_total_swapcache_pages NULL
#endif

static unsigned long count_swapcache(const struct sysinfo *si)
{
	return swapcache();
}

static unsigned long count_committed(const struct sysinfo *si)
{
	return vm_memory_committed();
}

static unsigned long count_vmalloc_total_kb(const struct sysinfo *si)
{
	return VMALLOC_TOTAL / 1024;
}

#ifdef CONFIG_HIGHMEM
static unsigned long count_low(const struct sysinfo *si)
{
	return si->totalram - si->totalhigh;
}

static unsigned long count_low_free(const struct sysinfo *si)
{
	return si->freeram - si->freehigh;
}
#endif

#ifdef CONFIG_MEMORY_FAILURE
UNEXPORTED_DATA(num_poisoned_pages);
static unsigned long count_poisoned(const struct sysinfo *si)
{
	return atomic_long_read(&unexported_data(num_poisoned_pages));
}
#endif

#ifdef CONFIG_HUGETLB_PAGE
UNEXPORTED_FUNC(hugetlb_report_meminfo);
static void report_hugetlb(struct seq_file *m)
{
	unexported(hugetlb_report_meminfo)(m);
}
#endif

UNEXPORTED_FUNC(arch_report_meminfo);
static void report_arch(struct seq_file *m)
{
	unexported(arch_report_meminfo)(m);
}

#ifdef HAVE_NODE_NR_FILE_PAGES
#include "meminfo-lines.h"
#else
#include "meminfo-lines-old.h"
#endif

static unsigned long meminfo_count(const struct meminfo_line *line,
				   const struct sysinfo *si)
{
	unsigned long count;

	switch (line->source) {
	case FROM_SYSINFO:
		return *(unsigned long *)((char *)si + line->item);
	case FROM_NODE:
		count = global_node_page_state_pages(line->item);
		if (line->plus != NO_ITEM)
			count += global_node_page_state_pages(line->plus);
		return count;
	case FROM_ZONE:
		return global_zone_page_state(line->item);
	case FROM_FUNC:
		return line->count(si);
	default:
		return 0;
	}
}

/* The replacement. */
static int kp_meminfo_show(struct seq_file *m, void *v)
{
	const struct meminfo_line *line = meminfo_lines;
	const struct meminfo_line *end = line + ARRAY_SIZE(meminfo_lines);
	struct sysinfo si;
	int width;

	si_meminfo(&si);
	swapinfo(&si);
	for (; line < end; line++) {
		if (line->source == FROM_REPORT) {
			line->report(m);
			continue;
		}
		/* Label and number share 24 columns: 16 and 8, or as it fits. */
		width = strlen(line->label);
		width = width > 16 ? width + 1 : 16;
		seq_printf(m, "%-*s%*lu kB\n", width, line->label, 24 - width,
			   meminfo_count(line, &si) * line->unit);
	}
	return 0;
}

/*
 * The rest of this file runs once, before the patch is enabled: the original
 * and the replacement print side by side, and unless they print the same lines
 * in the same layout the patch does not load.  A kernel that this table was not
 * written for thus loses no line of its /proc/meminfo.
 */
#define MEMINFO_MAX	(2 * PAGE_SIZE)

static int meminfo_print(char *buf, int (*show)(struct seq_file *m, void *v))
{
	struct seq_file m = { .buf = buf, .size = MEMINFO_MAX - 1 };
	int ret = show(&m, NULL);

	if (!ret && m.count >= m.size)
		ret = -E2BIG;
	buf[ret ? 0 : m.count] = '\0';
	return ret;
}

/* A direct call, as unexported.h explains: &meminfo_proc_show would not do. */
static int meminfo_show_original(struct seq_file *m, void *v)
{
	return unexported(meminfo_proc_show)(m, v);
}

/* Two lines of "label: number unit" that differ in nothing but the number? */
static bool meminfo_same_layout(const char *a, const char *b)
{
	static const char digits[] = "0123456789";
	size_t label = strcspn(a, "\n ");
	size_t a_num = label + strspn(a + label, " ");
	size_t b_num = label + strspn(b + label, " ");
	size_t a_end = a_num + strspn(a + a_num, digits);
	size_t b_end = b_num + strspn(b + b_num, digits);
	size_t rest = strcspn(a + a_end, "\n") + 1;

	/* The one label that we change keeps its letters. */
	if (strncasecmp(a, b, label))
		return false;
	/* Numbers end in the same column, unless one just gained a digit. */
	if (a_end != b_end && a_end - a_num == b_end - b_num)
		return false;
	return !strncmp(a + a_end, b + b_end, rest);
}

static int meminfo_compare(const char *old, const char *new)
{
	while (*old && *new && meminfo_same_layout(old, new)) {
		old += strcspn(old, "\n");
		new += strcspn(new, "\n");
		old += *old == '\n';
		new += *new == '\n';
	}
	if (!*old && !*new)
		return 0;
	pr_err("not for this kernel: it prints '%.*s' where the patch has '%.*s'\n",
	       (int)strcspn(old, "\n"), old, (int)strcspn(new, "\n"), new);
	return -EOPNOTSUPP;
}

/* Find every unexported symbol, then see that the table fits this kernel. */
static int meminfo_prepare(void)
{
	char *old, *new;
	size_t i;
	int ret;

	ret = unexported_init();
	if (!ret)
		ret = find_meminfo_proc_show();
	for (i = 0; !ret && i < ARRAY_SIZE(meminfo_lines); i++)
		if (meminfo_lines[i].find)
			ret = meminfo_lines[i].find();
	if (ret)
		return ret;

	old = kzalloc(2 * MEMINFO_MAX, GFP_KERNEL);
	if (!old)
		return -ENOMEM;
	new = old + MEMINFO_MAX;
	ret = meminfo_print(old, meminfo_show_original);
	if (!ret)
		ret = meminfo_print(new, kp_meminfo_show);
	if (!ret)
		ret = meminfo_compare(old, new);
	kfree(old);
	return ret;
}

#endif /* SAMPLES_MEMINFO_SHOW_H */
