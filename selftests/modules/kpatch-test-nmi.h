/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NMIs on demand: each CPU can have the others call a function in one.
 *
 * The local APIC is told by hand, because no kernel lets modules send an NMI,
 * and each has another way of its own.
 */
#ifndef _KPATCH_TEST_NMI_H
#define _KPATCH_TEST_NMI_H

#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/io.h>
#include <asm/apicdef.h>
#include <asm/cpufeature.h>
#include <asm/fixmap.h>
#include <asm/nmi.h>

#define KT_MSR_APIC_BASE	0x1b
#define KT_APIC_IS_X2		BIT(10)
#define KT_MSR_X2APIC_ICR	0x830

static void (*kt_nmi_fn)(void);
static atomic_t kt_nmis_sent = ATOMIC_INIT(0);
static atomic_t kt_nmis = ATOMIC_INIT(0);

static int kt_nmi(unsigned int cmd, struct pt_regs *regs)
{
	/* Somebody else's comes to us as well. */
	if (atomic_add_unless(&kt_nmis_sent, -1, 0)) {
		atomic_inc(&kt_nmis);
		kt_nmi_fn();
		return NMI_HANDLED;
	}
	return NMI_DONE;
}

static void kt_nmi_send(void)
{
	u32 icr = APIC_DEST_ALLBUT | APIC_DM_NMI;
	u32 low, high;

	/* One at a time: two that are pending are one. */
	if (!kt_nmi_fn || num_online_cpus() != 2 ||
	    atomic_add_return(0, &kt_nmis_sent))
		return;
	atomic_set(&kt_nmis_sent, 1);
	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (KT_MSR_APIC_BASE));
	if (low & KT_APIC_IS_X2)
		asm volatile("wrmsr" : : "c" (KT_MSR_X2APIC_ICR), "a" (icr),
			     "d" (0) : "memory");
	else
		writel(icr, (void __force __iomem *)fix_to_virt(FIX_APIC_BASE) +
			    APIC_ICR);
}

static int kt_nmi_start(void (*fn)(void))
{
	int ret;

	if (!boot_cpu_has(X86_FEATURE_APIC))
		return 0;
	ret = register_nmi_handler(NMI_LOCAL, kt_nmi, 0, "kpatch_test");
	if (!ret)
		kt_nmi_fn = fn;
	return ret;
}

static void kt_nmi_stop(void)
{
	if (kt_nmi_fn)
		unregister_nmi_handler(NMI_LOCAL, "kpatch_test");
	kt_nmi_fn = NULL;
}

#endif /* _KPATCH_TEST_NMI_H */
