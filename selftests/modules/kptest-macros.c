// SPDX-License-Identifier: GPL-2.0
/*
 * kptest-macros: what <linux/livepatch_helpers.h> has, at work
 *
 * Six system calls that hardly anybody uses are replaced by functions which
 * return their arguments, each in a decimal place of its own.  What the other
 * macros make is reported in parameters.
 */

#include "kptest-patch.h"

#include <linux/livepatch_helpers.h>
#include <linux/static_call.h>
#include <linux/string.h>

/*
 * A builder reads this section from object files, and the linker discards it.
 * Here the module looks at it itself.
 */
#undef KLP_CALLBACK_PTRS
#define KLP_CALLBACK_PTRS ".kptest_callback_ptrs"

static char calls[128];
module_param_string(calls, calls, sizeof(calls), 0444);
MODULE_PARM_DESC(calls, "callbacks that were called");

static unsigned long callback_bytes;
module_param(callback_bytes, ulong, 0444);
MODULE_PARM_DESC(callback_bytes, "size of the section with their addresses");

static unsigned long plain_bytes;
module_param(plain_bytes, ulong, 0444);
MODULE_PARM_DESC(plain_bytes, "size of a section of 40 bytes without symbols");

static char no_section[32];
module_param_string(no_section, no_section, sizeof(no_section), 0444);
MODULE_PARM_DESC(no_section, "what was found for a section that is not there");

static int static_call_before, static_call_after;
module_param(static_call_before, int, 0444);
MODULE_PARM_DESC(static_call_before, "what a static call has returned");
module_param(static_call_after, int, 0444);
MODULE_PARM_DESC(static_call_after, "... after it was updated");

static void called(struct klp_object *obj, const char *what)
{
	size_t len = strlen(calls);

	scnprintf(calls + len, sizeof(calls) - len, "%s%s", len ? " " : "",
		  what);
}

static int pre_patch(struct klp_object *obj)
{
	called(obj, "pre_patch");
	return 0;
}

KLP_PRE_PATCH_CALLBACK(pre_patch);

static void post_patch(struct klp_object *obj)
{
	called(obj, "post_patch");
}

KLP_POST_PATCH_CALLBACK(post_patch);

static void pre_unpatch(struct klp_object *obj)
{
	called(obj, "pre_unpatch");
}

KLP_PRE_UNPATCH_CALLBACK(pre_unpatch);

static void post_unpatch(struct klp_object *obj)
{
	called(obj, "post_unpatch");
}

KLP_POST_UNPATCH_CALLBACK(post_unpatch);

/* The names are as much a part of the interface as the section. */
#define CALLBACK(kind)	__PASTE(__KLP_##kind##_PREFIX, KLP_OBJNAME)

asm(".pushsection .kptest_plain, \"aw\"; .fill 40, 1, 0x5a; .popsection");

KLP_SYSCALL_DEFINE1(getsid, pid_t, pid)
{
	return 100000 + (long)pid;
}

KLP_SYSCALL_DEFINE2(getpriority, int, which, int, who)
{
	return which + 10 * who;
}

KLP_SYSCALL_DEFINE3(setpriority, int, which, int, who, int, niceval)
{
	return which + 10 * who + 100 * niceval;
}

KLP_SYSCALL_DEFINE4(vmsplice, int, fd, const struct iovec __user *, uiov,
		    unsigned long, nr_segs, unsigned int, flags)
{
	return fd + 10 * (unsigned long)uiov + 100 * nr_segs + 1000 * flags;
}

KLP_SYSCALL_DEFINE5(remap_file_pages, unsigned long, start, unsigned long, size,
		    unsigned long, prot, unsigned long, pgoff,
		    unsigned long, flags)
{
	return start + 10 * size + 100 * prot + 1000 * pgoff + 10000 * flags;
}

KLP_SYSCALL_DEFINE6(process_vm_readv, pid_t, pid,
		    const struct iovec __user *, lvec, unsigned long, liovcnt,
		    const struct iovec __user *, rvec, unsigned long, riovcnt,
		    unsigned long, flags)
{
	return pid + 10 * (unsigned long)lvec + 100 * liovcnt +
	       1000 * (unsigned long)rvec + 10000 * riovcnt + 100000 * flags;
}

#define SYSCALL(name)	{ "__x64_sys_" #name, __x64_sys_##name }

static struct klp_func funcs[] = {
	SYSCALL(getsid),
	SYSCALL(getpriority),
	SYSCALL(setpriority),
	SYSCALL(vmsplice),
	SYSCALL(remap_file_pages),
	SYSCALL(process_vm_readv),
	{ }
};

static struct klp_object objs[] = {
	{
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int three(void)
{
	return 3;
}

static int four(void)
{
	return 4;
}

DEFINE_STATIC_CALL(kptest_macros_call, three);

static void try_static_call(void)
{
	static_call_before = KLP_STATIC_CALL(kptest_macros_call)();
	static_call_update(kptest_macros_call, four);
	static_call_after = KLP_STATIC_CALL(kptest_macros_call)();
}

/* In what order they are is the compiler's choice. */
static bool is_listed(void *const *section, const void *func)
{
	int i;

	for (i = 0; i < 4; i++)
		if (section[i] == func)
			return true;
	return false;
}

/* Calls what the four pointers of the section lead to. */
static void try_callbacks(void)
{
	void **section;
	size_t size;

	section = klp_find_section_by_name(THIS_MODULE, KLP_CALLBACK_PTRS,
					   &size);
	callback_bytes = size;
	if (!section || size != 4 * sizeof(void *))
		return;
	if (is_listed(section, pre_patch))
		CALLBACK(PRE_PATCH)(objs);
	if (is_listed(section, post_patch))
		CALLBACK(POST_PATCH)(objs);
	if (is_listed(section, pre_unpatch))
		CALLBACK(PRE_UNPATCH)(objs);
	if (is_listed(section, post_unpatch))
		CALLBACK(POST_UNPATCH)(objs);
}

static void try_sections(void)
{
	unsigned char *section;
	size_t size;

	section = klp_find_section_by_name(THIS_MODULE, ".kptest_plain", &size);
	if (section && !memchr_inv(section, 0x5a, 40))
		plain_bytes = size;
	size = 1;
	section = klp_find_section_by_name(THIS_MODULE, ".kptest_none", &size);
	snprintf(no_section, sizeof(no_section), "%s %zu",
		 section ? "something" : "nothing", size);
}

static int __init kptest_macros_init(void)
{
	try_static_call();
	try_callbacks();
	try_sections();
	return klp_enable_patch(&patch);
}

static void __exit kptest_macros_exit(void)
{
}

module_init(kptest_macros_init);
module_exit(kptest_macros_exit);
MODULE_DESCRIPTION("Livepatch Suite selftests: the helper macros");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
