/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines of /proc/meminfo since 4.8 or so, and what they count; included by
 * meminfo-show.h, which explains it.
 */
static unsigned long count_cached(const struct sysinfo *si)
{
	long cached = global_node_page_state_pages(NR_FILE_PAGES);

	cached -= swapcache() + si->bufferram;
	return max(cached, 0L);
}

static unsigned long count_available(const struct sysinfo *si)
{
	return si_mem_available();
}

#if defined(CONFIG_ZSWAP) && defined(HAVE_zswap_total_pages)
UNEXPORTED_FUNC(zswap_total_pages);
static unsigned long count_zswap_kb(const struct sysinfo *si)
{
	return PAGE_KB * unexported(zswap_total_pages)();
}

#define find_zswap	find_zswap_total_pages
#elif defined(CONFIG_ZSWAP) && defined(HAVE_zswap_pool_total_size)
UNEXPORTED_DATA(zswap_pool_total_size);
static unsigned long count_zswap_kb(const struct sysinfo *si)
{
	return unexported_data(zswap_pool_total_size) / 1024;
}

#define find_zswap	find_zswap_pool_total_size
#endif

#ifdef find_zswap
UNEXPORTED_DATA(zswap_stored_pages);
static unsigned long count_zswapped(const struct sysinfo *si)
{
	/* atomic_t on some kernels, atomic_long_t on others */
	return READ_ONCE(unexported_data(zswap_stored_pages).counter);
}
#endif

UNEXPORTED_FUNC(vm_commit_limit);
static unsigned long count_commit_limit(const struct sysinfo *si)
{
	return unexported(vm_commit_limit)();
}

#ifndef HAVE_NODE_NR_VMALLOC
UNEXPORTED_FUNC(vmalloc_nr_pages);
static unsigned long count_vmalloc(const struct sysinfo *si)
{
	return unexported(vmalloc_nr_pages)();
}
#endif

UNEXPORTED_FUNC(pcpu_nr_pages);
static unsigned long count_percpu(const struct sysinfo *si)
{
	return unexported(pcpu_nr_pages)();
}

#if defined(CONFIG_MEMTEST) && defined(HAVE_memtest_report_meminfo)
UNEXPORTED_FUNC(memtest_report_meminfo);
static void report_memtest(struct seq_file *m)
{
	unexported(memtest_report_meminfo)(m);
}
#endif

#ifdef CONFIG_CMA
UNEXPORTED_DATA(totalcma_pages);
static unsigned long count_cma(const struct sysinfo *si)
{
	return unexported_data(totalcma_pages);
}
#endif

/* Transparent huge pages were counted in huge pages, later in pages. */
#ifdef HAVE_vmstat_item_print_in_thp
#define THP_KB		PAGE_KB
#else
#define THP_KB		(HPAGE_PMD_SIZE / 1024)
#endif

static const struct meminfo_line meminfo_lines[] = {
	LINE_SYSINFO("MemTotal:", totalram),
	LINE_SYSINFO("MemFree:", freeram),
	LINE_FUNC("MemAvailable:", count_available, PAGE_KB, NULL),
	LINE_SYSINFO("Buffers:", bufferram),
	LINE_FUNC("Cached:", count_cached, PAGE_KB, find_total_swapcache_pages),
	LINE_FUNC("SwapCached:", count_swapcache, PAGE_KB,
		  find_total_swapcache_pages),
	LINE_SUM("Active:", NR_ACTIVE_ANON, NR_ACTIVE_FILE),
	LINE_SUM("Inactive:", NR_INACTIVE_ANON, NR_INACTIVE_FILE),
	LINE_NODE("Active(anon):", NR_ACTIVE_ANON),
	LINE_NODE("Inactive(anon):", NR_INACTIVE_ANON),
	LINE_NODE("Active(file):", NR_ACTIVE_FILE),
	LINE_NODE("Inactive(file):", NR_INACTIVE_FILE),
	LINE_NODE("Unevictable:", NR_UNEVICTABLE),
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
#ifdef find_zswap
	LINE_FUNC("Zswap:", count_zswap_kb, 1, find_zswap),
	LINE_FUNC("Zswapped:", count_zswapped, PAGE_KB,
		  find_zswap_stored_pages),
#endif
	LINE_NODE("Dirty:", NR_FILE_DIRTY),
	LINE_NODE("Writeback:", NR_WRITEBACK),
	LINE_NODE("AnonPages:", NR_ANON_MAPPED),
	LINE_NODE("Mapped:", NR_FILE_MAPPED),
	LINE_SYSINFO("Shmem:", sharedram),
	LINE_SUM("KReclaimable:", NR_SLAB_RECLAIMABLE_B,
		 NR_KERNEL_MISC_RECLAIMABLE),
	LINE_SUM("Slab:", NR_SLAB_RECLAIMABLE_B, NR_SLAB_UNRECLAIMABLE_B),
	LINE_NODE("SReclaimable:", NR_SLAB_RECLAIMABLE_B),
	LINE_NODE("SUnreclaim:", NR_SLAB_UNRECLAIMABLE_B),
	LINE_NODES("KernelStack:", NR_KERNEL_STACK_KB, NO_ITEM, 1),
#ifdef CONFIG_SHADOW_CALL_STACK
	LINE_NODES("ShadowCallStack:", NR_KERNEL_SCS_KB, NO_ITEM, 1),
#endif
#ifdef HAVE_NODE_NR_PAGETABLE
	LINE_NODE("PageTables:", NR_PAGETABLE),
#else
	LINE_ZONE("PageTables:", NR_PAGETABLE),
#endif
#ifdef HAVE_NODE_NR_SECONDARY_PAGETABLE
	LINE_NODE("SecPageTables:", NR_SECONDARY_PAGETABLE),
#endif
	LINE_NOTHING("NFS_Unstable:"),
#ifdef HAVE_ZONE_NR_BOUNCE
	LINE_ZONE("Bounce:", NR_BOUNCE),
#else
	LINE_NOTHING("Bounce:"),
#endif
#ifdef HAVE_NODE_NR_WRITEBACK_TEMP
	LINE_NODE("WritebackTmp:", NR_WRITEBACK_TEMP),
#else
	LINE_NOTHING("WritebackTmp:"),
#endif
	LINE_FUNC("CommitLimit:", count_commit_limit, PAGE_KB,
		  find_vm_commit_limit),
	LINE_FUNC("Committed_AS:", count_committed, PAGE_KB, NULL),
	LINE_FUNC("VmallocTotal:", count_vmalloc_total_kb, 1, NULL),
#ifdef HAVE_NODE_NR_VMALLOC
	LINE_NODE("VmallocUsed:", NR_VMALLOC),
#else
	LINE_FUNC("VmallocUsed:", count_vmalloc, PAGE_KB,
		  find_vmalloc_nr_pages),
#endif
	LINE_NOTHING("VMALLOCCHUNK:"),		/* <- what this patch changes */
	LINE_FUNC("Percpu:", count_percpu, PAGE_KB, find_pcpu_nr_pages),
#if defined(CONFIG_MEMTEST) && defined(HAVE_memtest_report_meminfo)
	LINE_REPORT(report_memtest, find_memtest_report_meminfo),
#endif
#ifdef CONFIG_MEMORY_FAILURE
	LINE_FUNC("HardwareCorrupted:", count_poisoned, PAGE_KB,
		  find_num_poisoned_pages),
#endif
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	LINE_NODES("AnonHugePages:", NR_ANON_THPS, NO_ITEM, THP_KB),
	LINE_NODES("ShmemHugePages:", NR_SHMEM_THPS, NO_ITEM, THP_KB),
	LINE_NODES("ShmemPmdMapped:", NR_SHMEM_PMDMAPPED, NO_ITEM, THP_KB),
	LINE_NODES("FileHugePages:", NR_FILE_THPS, NO_ITEM, THP_KB),
	LINE_NODES("FilePmdMapped:", NR_FILE_PMDMAPPED, NO_ITEM, THP_KB),
#endif
#ifdef CONFIG_CMA
	LINE_FUNC("CmaTotal:", count_cma, PAGE_KB, find_totalcma_pages),
	LINE_ZONE("CmaFree:", NR_FREE_CMA_PAGES),
#endif
#ifdef HAVE_ZONE_NR_UNACCEPTED
	LINE_ZONE("Unaccepted:", NR_UNACCEPTED),
#endif
#ifdef HAVE_NODE_NR_BALLOON_PAGES
	LINE_NODE("Balloon:", NR_BALLOON_PAGES),
#endif
#ifdef HAVE_NODE_NR_GPU_ACTIVE
	LINE_NODE("GPUActive:", NR_GPU_ACTIVE),
	LINE_NODE("GPUReclaim:", NR_GPU_RECLAIM),
#endif
#ifdef CONFIG_HUGETLB_PAGE
	LINE_REPORT(report_hugetlb, find_hugetlb_report_meminfo),
#endif
	LINE_REPORT(report_arch, find_arch_report_meminfo),
};
