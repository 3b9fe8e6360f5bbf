/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines of /proc/meminfo before 4.8, and what they count; included by
 * meminfo-show.h, which explains it.  All counters were those of zones then.
 */
#define global_node_page_state_pages(item)	global_page_state(item)
#define global_zone_page_state(item)		global_page_state(item)

static unsigned long count_cached(const struct sysinfo *si)
{
	long cached = global_page_state(NR_FILE_PAGES);

	cached -= swapcache() + si->bufferram;
	return max(cached, 0L);
}

#ifdef HAVE_si_mem_available
UNEXPORTED_FUNC(si_mem_available);
static unsigned long count_available(const struct sysinfo *si)
{
	return unexported(si_mem_available)();
}
#endif

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
static unsigned long count_anon_huge(const struct sysinfo *si)
{
	return global_page_state(NR_ANON_TRANSPARENT_HUGEPAGES) * HPAGE_PMD_NR;
}
#else
#define count_anon_huge(si)	0
#endif

static unsigned long count_anon(const struct sysinfo *si)
{
	return global_page_state(NR_ANON_PAGES) + count_anon_huge(si);
}

#ifdef HAVE_vm_commit_limit
UNEXPORTED_FUNC(vm_commit_limit);
#define find_commit_limit	find_vm_commit_limit
static unsigned long count_commit_limit(const struct sysinfo *si)
{
	return unexported(vm_commit_limit)();
}
#else
#ifdef CONFIG_HUGETLB_PAGE
UNEXPORTED_FUNC(hugetlb_total_pages);
#define huge_pages	unexported(hugetlb_total_pages)
#else
#define huge_pages	hugetlb_total_pages
#define find_hugetlb_total_pages()	0
#endif
UNEXPORTED_DATA(sysctl_overcommit_ratio);

static int find_commit_limit(void)
{
	int ret = find_hugetlb_total_pages();

	return ret ? ret : find_sysctl_overcommit_ratio();
}

static unsigned long count_commit_limit(const struct sysinfo *si)
{
	return (totalram_pages - huge_pages()) *
	       unexported_data(sysctl_overcommit_ratio) / 100 + si->totalswap;
}
#endif

UNEXPORTED_FUNC(get_vmalloc_info);
static unsigned long count_vmalloc_used_kb(const struct sysinfo *si)
{
	struct vmalloc_info info;

	unexported(get_vmalloc_info)(&info);
	return info.used / 1024;
}

static unsigned long count_vmalloc_chunk_kb(const struct sysinfo *si)
{
	struct vmalloc_info info;

	unexported(get_vmalloc_info)(&info);
	return info.largest_chunk / 1024;
}

#ifdef HAVE_pcpu_nr_pages
UNEXPORTED_FUNC(pcpu_nr_pages);
static unsigned long count_percpu(const struct sysinfo *si)
{
	return unexported(pcpu_nr_pages)();
}
#endif

#if defined(CONFIG_CMA) && defined(HAVE_totalcma_pages)
UNEXPORTED_DATA(totalcma_pages);
static unsigned long count_cma(const struct sysinfo *si)
{
	return unexported_data(totalcma_pages);
}
#endif

static const struct meminfo_line meminfo_lines[] = {
	LINE_SYSINFO("MemTotal:", totalram),
	LINE_SYSINFO("MemFree:", freeram),
#ifdef HAVE_si_mem_available
	LINE_FUNC("MemAvailable:", count_available, PAGE_KB,
		  find_si_mem_available),
#endif
	LINE_SYSINFO("Buffers:", bufferram),
	LINE_FUNC("Cached:", count_cached, PAGE_KB, find_total_swapcache_pages),
	LINE_FUNC("SwapCached:", count_swapcache, PAGE_KB,
		  find_total_swapcache_pages),
	LINE_SUM("Active:", NR_ACTIVE_ANON, NR_ACTIVE_FILE),
	LINE_SUM("Inactive:", NR_INACTIVE_ANON, NR_INACTIVE_FILE),
	LINE_ZONE("Active(anon):", NR_ACTIVE_ANON),
	LINE_ZONE("Inactive(anon):", NR_INACTIVE_ANON),
	LINE_ZONE("Active(file):", NR_ACTIVE_FILE),
	LINE_ZONE("Inactive(file):", NR_INACTIVE_FILE),
	LINE_ZONE("Unevictable:", NR_UNEVICTABLE),
	LINE_ZONE("Mlocked:", NR_MLOCK),
#ifdef CONFIG_HIGHMEM
	LINE_SYSINFO("HighTotal:", totalhigh),
	LINE_SYSINFO("HighFree:", freehigh),
	LINE_FUNC("LowTotal:", count_low, PAGE_KB, NULL),
	LINE_FUNC("LowFree:", count_low_free, PAGE_KB, NULL),
#endif
	{ .label = "SwapTotal:", .source = FROM_SYSINFO, .unit = PAGE_KB,
	  .item = offsetof(struct sysinfo, totalswap),
	  .find = find_si_swapinfo },
	LINE_SYSINFO("SwapFree:", freeswap),
	LINE_ZONE("Dirty:", NR_FILE_DIRTY),
	LINE_ZONE("Writeback:", NR_WRITEBACK),
	LINE_FUNC("AnonPages:", count_anon, PAGE_KB, NULL),
	LINE_ZONE("Mapped:", NR_FILE_MAPPED),
	LINE_ZONE("Shmem:", NR_SHMEM),
	LINE_SUM("Slab:", NR_SLAB_RECLAIMABLE, NR_SLAB_UNRECLAIMABLE),
	LINE_ZONE("SReclaimable:", NR_SLAB_RECLAIMABLE),
	LINE_ZONE("SUnreclaim:", NR_SLAB_UNRECLAIMABLE),
	LINE_NODES("KernelStack:", NR_KERNEL_STACK, NO_ITEM, THREAD_SIZE / 1024),
	LINE_ZONE("PageTables:", NR_PAGETABLE),
	LINE_ZONE("NFS_Unstable:", NR_UNSTABLE_NFS),
	LINE_ZONE("Bounce:", NR_BOUNCE),
	LINE_ZONE("WritebackTmp:", NR_WRITEBACK_TEMP),
	LINE_FUNC("CommitLimit:", count_commit_limit, PAGE_KB,
		  find_commit_limit),
	LINE_FUNC("Committed_AS:", count_committed, PAGE_KB, NULL),
	LINE_FUNC("VmallocTotal:", count_vmalloc_total_kb, 1, NULL),
	LINE_FUNC("VmallocUsed:", count_vmalloc_used_kb, 1,
		  find_get_vmalloc_info),
	/* What this patch changes: */
	LINE_FUNC("VMALLOCCHUNK:", count_vmalloc_chunk_kb, 1,
		  find_get_vmalloc_info),
#ifdef HAVE_pcpu_nr_pages
	LINE_FUNC("Percpu:", count_percpu, PAGE_KB, find_pcpu_nr_pages),
#endif
#ifdef CONFIG_MEMORY_FAILURE
	LINE_FUNC("HardwareCorrupted:", count_poisoned, PAGE_KB,
		  find_num_poisoned_pages),
#endif
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	LINE_FUNC("AnonHugePages:", count_anon_huge, PAGE_KB, NULL),
#endif
#if defined(CONFIG_CMA) && defined(HAVE_totalcma_pages)
	LINE_FUNC("CmaTotal:", count_cma, PAGE_KB, find_totalcma_pages),
	LINE_ZONE("CmaFree:", NR_FREE_CMA_PAGES),
#endif
#ifdef CONFIG_HUGETLB_PAGE
	LINE_REPORT(report_hugetlb, find_hugetlb_report_meminfo),
#endif
	LINE_REPORT(report_arch, find_arch_report_meminfo),
};
