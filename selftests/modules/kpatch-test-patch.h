/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A patch for kpatch-test-target: version @KT_VERSION of its functions.  Each
 * includer is one module, so that several can be loaded.
 *
 *   only     patch just this function
 *   sleeper  patch kt_sleeper() as well
 *   fail     the pre-patch callback returns this
 *   unknown  patch a function that does not exist as well
 *   forced   switch although tasks may be inside
 *   defect   what is wrong with the patch, see break_patch(); also "twice-same" and
 *	      "refers", which are harmless
 *   external a symbol that the patch refers to, wherever it is
 *   of_vmlinux   that is said of the kernel, not of the target
 *   external_at  where it was found
 *   stay     who calls the new kt_sleeper() with KT_COLD stays there, in the part
 *	      of it that the compiler has moved elsewhere, until this is 0
 *   staying  how many do
 */
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "../../core/compat/compat.h"
#include "kpatch-test.h"
#include "../../samples/kpatch-enabled.h"

static char *only = "";
module_param(only, charp, 0444);
static bool sleeper;
module_param(sleeper, bool, 0444);
static int fail;
module_param(fail, int, 0644);
static bool unknown;
module_param(unknown, bool, 0444);
static bool forced;
module_param(forced, bool, 0444);

static char *defect = "";
module_param(defect, charp, 0444);
static char *external = "";
module_param(external, charp, 0444);
static bool of_vmlinux;
module_param(of_vmlinux, bool, 0444);

static bool stay = true;
module_param(stay, bool, 0644);
static int staying;
module_param(staying, int, 0444);

static noinline int new_f(void)
{
	return KT_VERSION;
}

static noinline int new_g(void)
{
	return KT_VERSION;
}

static noinline int new_h(void)
{
	return KT_VERSION;
}

/*
 * Calls of the target's functions, by the addresses that the engine has found:
 * a link to its exports would pin the target.
 */
static struct kpatch_func funcs[] = {
	{ .name = "kt_f", .new_addr = (unsigned long)new_f },
	{ .name = "kt_g", .new_addr = (unsigned long)new_g },
	{ .name = "kt_h", .new_addr = (unsigned long)new_h },
	{ .name = "kt_outer" },
	{ .name = "kt_sleeper" },
	{ .name = "kt_no_such_function", .new_addr = (unsigned long)new_h },
	{ .name = "kt_init_only", .new_addr = (unsigned long)new_h },
	{ .name = "kt_sleeper_alias" },
	{ .name = "kt_untraced", .new_addr = (unsigned long)new_h },
};

static struct kpatch_func other_func = { .name = "kt_g" };

static unsigned long address_of_g;

/* Four bytes before the end of all addresses. */
static struct kpatch_dynrela dynrela = {
	.dest = -4UL,
	.type = R_X86_64_64,
	.name = "kt_g",
};

static unsigned long address_of_external;
module_param_named(external_at, address_of_external, ulong, 0444);

static struct kpatch_dynrela external_dynrela = {
	.dest = (unsigned long)&address_of_external,
	.type = R_X86_64_64,
	.external = true,
};

static noinline int call(int i)
{
	/* Not part of the patch, so nobody has looked for it. */
	if (!funcs[i].old_addr)
		return -1;
	return ((int (*)(void))funcs[i].old_addr)();
}

static noinline int new_outer(enum kt_pause pause)
{
	int f, g, h;

	f = call(0);
	kt_pause(pause);
	g = call(1);
	h = call(2);
	return kt_verdict(KT_VERSION, f, g, h);
}

static noinline __cold void new_sleep_cold(void)
{
	WRITE_ONCE(staying, staying + 1);
	while (READ_ONCE(stay))
		schedule_timeout_uninterruptible(1);
	WRITE_ONCE(staying, staying - 1);
}

static noinline int new_sleeper(enum kt_kind kind)
{
	if (kind == KT_COLD)
		new_sleep_cold();
	return KT_VERSION;
}

static int pre_patch(struct kpatch_object *obj)
{
	pr_info("%s: pre-patch %s\n", THIS_MODULE->name, obj->name);
	return fail;
}

static void post_patch(struct kpatch_object *obj)
{
	pr_info("%s: post-patch %s\n", THIS_MODULE->name, obj->name);
}

static void pre_unpatch(struct kpatch_object *obj)
{
	pr_info("%s: pre-unpatch %s\n", THIS_MODULE->name, obj->name);
}

static void post_unpatch(struct kpatch_object *obj)
{
	pr_info("%s: post-unpatch %s\n", THIS_MODULE->name, obj->name);
}

static struct kpatch_object object = {
	.name = "kpatch_test_target",
	.funcs = LIST_HEAD_INIT(object.funcs),
	.dynrelas = LIST_HEAD_INIT(object.dynrelas),
	.pre_patch_callback = pre_patch,
	.post_patch_callback = post_patch,
	.pre_unpatch_callback = pre_unpatch,
	.post_unpatch_callback = post_unpatch,
};

static struct kpatch_object vmlinux_object = {
	.name = "vmlinux",
	.funcs = LIST_HEAD_INIT(vmlinux_object.funcs),
	.dynrelas = LIST_HEAD_INIT(vmlinux_object.dynrelas),
};

static struct kpatch_module kpmod = {
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(kpmod.objects),
};

static bool wanted(int i)
{
	if (*only)
		return !strcmp(only, funcs[i].name);
	return i < 4 || (i == 4 && sleeper) || (i == 5 && unknown);
}

static bool is_defect(const char *name)
{
	return !strcmp(defect, name);
}

static int break_func(void)
{
	if (is_defect("alias"))		/* of kt_h() */
		other_func.name = "kt_alias";
	else if (!is_defect("twice") && !is_defect("twice-same"))
		return -EDOM;	/* no errno of kpatch_register() */
	other_func.new_addr = is_defect("twice") ?
		(unsigned long)new_h : (unsigned long)new_g;
	list_add_tail(&other_func.list, &object.funcs);
	return 0;
}

static int break_patch(void)
{
	if (is_defect("old-size"))
		funcs[1].old_size = -16UL;
	else if (is_defect("new-size"))
		funcs[1].new_size = -16UL;
	else if (is_defect("refers"))
		dynrela.dest = (unsigned long)&address_of_g;
	else if (is_defect("no-name"))
		funcs[1].name = NULL;
	else if (is_defect("no-list"))
		object.dynrelas.next = NULL;
	else if (!is_defect("reloc"))
		return break_func();
	if (is_defect("refers") || is_defect("reloc"))
		list_add_tail(&dynrela.list, &object.dynrelas);
	return 0;
}

static int __init kt_patch_init(void)
{
	int i;

	funcs[3].new_addr = (unsigned long)new_outer;
	funcs[4].new_addr = (unsigned long)new_sleeper;
	funcs[7].new_addr = (unsigned long)new_sleeper;
	for (i = 0; i < ARRAY_SIZE(funcs); i++) {
		funcs[i].force = forced;
		if (wanted(i))
			list_add_tail(&funcs[i].list, &object.funcs);
	}
	if (*defect && break_patch())
		return -EDOM;
	if (*external) {
		external_dynrela.name = external;
		list_add_tail(&external_dynrela.list,
			      of_vmlinux ? &vmlinux_object.dynrelas :
			      &object.dynrelas);
	}
	if (of_vmlinux)
		list_add_tail(&vmlinux_object.list, &kpmod.objects);
	list_add_tail(&object.list, &kpmod.objects);
	return kpatch_sample_init(&kpmod);
}

static void __exit kt_patch_exit(void)
{
	kpatch_sample_exit(&kpmod);
}

module_init(kt_patch_init);
module_exit(kt_patch_exit);
MODULE_DESCRIPTION("A patch for kpatch-test-target");
MODULE_LICENSE("GPL");
