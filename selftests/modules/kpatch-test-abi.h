/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A patch for the kpatch API as a module has it compiled in: nothing here comes
 * from core/kpatch.h.  Structs are bytes, and fields are the numbers that they
 * have had since 2017, so that a change of the header cannot change this one.
 *
 * As patch modules of the time do, it makes everything on the heap, and gives
 * each object and function a directory of its own with the kobject inside of
 * the struct: whatever is written to a wrong place lies in one of those.
 *
 * The includer says which generation of objects it is, and its version:
 *
 *   ABI_HOOKS	   1: lists of hooks (2017), 0: callbacks (since 2018)
 *   ABI_VERSION   what its kt_f() returns, and a digit of /proc/cmdline
 *
 * It patches vmlinux (cmdline_proc_show()) and kpatch_test_target (kt_f()).
 *
 *   sleeper  patch kt_sleeper() as well
 *   stay     who calls the new one with 3 (KT_COLD) stays there until this is 0
 *   staying  how many do
 *   report   what the engine has written, a line an object: name, module,
 *	      directory, functions with an address, calls of callbacks
 */
#include <linux/elf.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#define AT(base, off, type)	(*(type *)((unsigned long)(base) + (off)))

/* struct kpatch_module */
#define MODULE_MOD		0
#define MODULE_OBJECTS		8
#define MODULE_ENABLED		24
#define MODULE_KOBJ		48

/* struct kpatch_object */
#define OBJECT_LIST		0
#define OBJECT_NAME		16
#define OBJECT_FUNCS		24
#define OBJECT_DYNRELAS		40
#define OBJECT_CALLBACKS	56	/* four */
#define OBJECT_CALLBACKS_ON	88
#define OBJECT_HOOKS_LOAD	56
#define OBJECT_HOOKS_UNLOAD	72
#define OBJECT_MOD		(ABI_HOOKS ? 88 : 96)
#define OBJECT_KOBJ		(ABI_HOOKS ? 96 : 104)

/* struct kpatch_func */
#define FUNC_NEW_ADDR		0
#define FUNC_OLD_ADDR		16
#define FUNC_SYMPOS		32
#define FUNC_NAME		40
#define FUNC_LIST		48
#define FUNC_KOBJ		96

/* struct kpatch_dynrela */
#define DYNRELA_DEST		0
#define DYNRELA_SRC		8
#define DYNRELA_TYPE		16
#define DYNRELA_NAME		32
#define DYNRELA_LIST		48
#define DYNRELA_SIZE		64

/* struct kpatch_hook */
#define HOOK_HOOK		16
#define HOOK_SIZE		24

int kpatch_register(void *patch, bool replace);
int kpatch_unregister(void *patch);
extern struct kobject *kpatch_root_kobj;
void *kpatch_shadow_alloc(void *obj, char *var, size_t size, gfp_t gfp);
void kpatch_shadow_free(void *obj, char *var);
void *kpatch_shadow_get(void *obj, char *var);

static bool replace;
module_param(replace, bool, 0444);
static bool sleeper;
module_param(sleeper, bool, 0444);
static bool stay = true;
module_param(stay, bool, 0644);
static int staying;
module_param(staying, int, 0444);

/* struct kpatch_module, its kobject in place */
static struct {
	unsigned long words[MODULE_KOBJ / sizeof(long)];
	struct kobject kobj;
} abi_patch;

#define abi_objects		(&AT(&abi_patch, MODULE_OBJECTS, struct list_head))

/* The functions.  The address of kt_h() is written by the engine. */

static unsigned long abi_kt_h;

static int abi_cmdline_show(struct seq_file *m, void *v)
{
	seq_printf(m, "kpatch-test-abi %d\n", ABI_VERSION);
	return 0;
}

static noinline int abi_f(void)
{
	return ABI_VERSION + ((int (*)(void))abi_kt_h)();
}

static noinline int abi_sleeper(int kind)
{
	if (kind == 3) {
		staying++;
		while (stay)
			schedule_timeout_uninterruptible(1);
		staying--;
	}
	return ABI_VERSION;
}

/* Callbacks and hooks: vmlinux has one, kpatch_test_target the other. */

static int abi_calls[4];

static void abi_called(int which)
{
	static const char * const names[] = {
		"pre-patch", "post-patch", "pre-unpatch", "post-unpatch",
	};

	abi_calls[which]++;
	pr_info("%s: %s\n", THIS_MODULE->name, names[which]);
}

#if ABI_HOOKS
static void abi_load(void)
{
	abi_called(1);
}

static void abi_unload(void)
{
	abi_called(3);
}

static int abi_add_hook(void *obj, unsigned long list, void (*fn)(void))
{
	void *hook = kzalloc(HOOK_SIZE, GFP_KERNEL);

	if (!hook)
		return -ENOMEM;
	AT(hook, HOOK_HOOK, void *) = fn;
	list_add_tail(hook, &AT(obj, list, struct list_head));
	return 0;
}

static int abi_add_callbacks(void *obj, bool target)
{
	INIT_LIST_HEAD(&AT(obj, OBJECT_HOOKS_LOAD, struct list_head));
	INIT_LIST_HEAD(&AT(obj, OBJECT_HOOKS_UNLOAD, struct list_head));
	if (!target)
		return 0;
	return abi_add_hook(obj, OBJECT_HOOKS_LOAD, abi_load) ?:
	       abi_add_hook(obj, OBJECT_HOOKS_UNLOAD, abi_unload);
}

static void abi_free_hooks(void *obj, unsigned long list)
{
	struct list_head *head = &AT(obj, list, struct list_head);
	struct list_head *hook;

	while (!list_empty(head)) {
		hook = head->next;
		list_del(hook);
		kfree(hook);
	}
}

static void abi_free_callbacks(void *obj)
{
	abi_free_hooks(obj, OBJECT_HOOKS_LOAD);
	abi_free_hooks(obj, OBJECT_HOOKS_UNLOAD);
}

static int abi_callbacks_on(void *obj)
{
	return 0;
}
#else
static int abi_pre_patch(void *obj)
{
	abi_called(0);
	return AT(obj, OBJECT_CALLBACKS_ON, bool) ? -EINVAL : 0;
}

static void abi_post_patch(void *obj)
{
	abi_called(1);
}

static void abi_pre_unpatch(void *obj)
{
	abi_called(2);
}

static void abi_post_unpatch(void *obj)
{
	abi_called(3);
}

static int abi_add_callbacks(void *obj, bool target)
{
	if (!target)
		return 0;
	AT(obj, OBJECT_CALLBACKS, void *) = abi_pre_patch;
	AT(obj, OBJECT_CALLBACKS + 8, void *) = abi_post_patch;
	AT(obj, OBJECT_CALLBACKS + 16, void *) = abi_pre_unpatch;
	AT(obj, OBJECT_CALLBACKS + 24, void *) = abi_post_unpatch;
	return 0;
}

static void abi_free_callbacks(void *obj)
{
}

static int abi_callbacks_on(void *obj)
{
	return AT(obj, OBJECT_CALLBACKS_ON, bool);
}
#endif

/* Directories. */

static void abi_release_func(struct kobject *kobj)
{
	kfree((void *)kobj - FUNC_KOBJ);
}

static void abi_release_object(struct kobject *kobj)
{
	kfree((void *)kobj - OBJECT_KOBJ);
}

static void abi_release_patch(struct kobject *kobj)
{
}

static struct kobj_type abi_func_type = { .release = abi_release_func };
static struct kobj_type abi_object_type = { .release = abi_release_object };

static ssize_t abi_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	if (!strcmp(attr->name, "checksum"))
		return sprintf(buf, "abi-%d\n", ABI_VERSION);
	return sprintf(buf, "%d\n", AT(&abi_patch, MODULE_ENABLED, bool));
}

static ssize_t abi_store(struct kobject *kobj, struct attribute *attr,
			 const char *buf, size_t count)
{
	int ret;

	if (count && *buf == '0')
		ret = kpatch_unregister(&abi_patch);
	else
		ret = kpatch_register(&abi_patch, replace);
	return ret ? ret : count;
}

static const struct sysfs_ops abi_ops = { .show = abi_show, .store = abi_store };

static struct kobj_type abi_patch_type = {
	.sysfs_ops = &abi_ops,
	.release = abi_release_patch,
};

static struct attribute abi_enabled = { .name = "enabled", .mode = 0644 };
static struct attribute abi_checksum = { .name = "checksum", .mode = 0444 };

/* Zeroed memory up to a kobject, which is added.  NULL: that failed. */
static void *abi_new(unsigned long size, struct kobj_type *type,
		     struct kobject *parent, const char *name)
{
	void *base = kzalloc(size + sizeof(struct kobject), GFP_KERNEL);
	struct kobject *kobj = base + size;

	if (base && kobject_init_and_add(kobj, type, parent, "%s", name)) {
		kobject_put(kobj);
		base = NULL;
	}
	return base;
}

/* The patch. */

static void *abi_add_object(const char *name, bool target)
{
	void *obj = abi_new(OBJECT_KOBJ, &abi_object_type, &abi_patch.kobj, name);

	if (!obj)
		return NULL;
	AT(obj, OBJECT_NAME, const char *) = name;
	INIT_LIST_HEAD(&AT(obj, OBJECT_FUNCS, struct list_head));
	INIT_LIST_HEAD(&AT(obj, OBJECT_DYNRELAS, struct list_head));
	list_add_tail(&AT(obj, OBJECT_LIST, struct list_head), abi_objects);
	return abi_add_callbacks(obj, target) ? NULL : obj;
}

static int abi_add_func(void *obj, const char *name, void *new)
{
	struct kobject *parent = &AT(obj, OBJECT_KOBJ, struct kobject);
	void *func = abi_new(FUNC_KOBJ, &abi_func_type, parent, name);

	if (!func)
		return -ENOMEM;
	AT(func, FUNC_NEW_ADDR, void *) = new;
	AT(func, FUNC_SYMPOS, unsigned long) = 1;
	AT(func, FUNC_NAME, const char *) = name;
	list_add_tail(&AT(func, FUNC_LIST, struct list_head),
		      &AT(obj, OBJECT_FUNCS, struct list_head));
	return 0;
}

static int abi_add_dynrela(void *obj, const char *name, void *dest)
{
	void *dynrela = kzalloc(DYNRELA_SIZE, GFP_KERNEL);

	if (!dynrela)
		return -ENOMEM;
	AT(dynrela, DYNRELA_DEST, void *) = dest;
	AT(dynrela, DYNRELA_TYPE, unsigned long) = R_X86_64_64;
	AT(dynrela, DYNRELA_NAME, const char *) = name;
	list_add_tail(&AT(dynrela, DYNRELA_LIST, struct list_head),
		      &AT(obj, OBJECT_DYNRELAS, struct list_head));
	return 0;
}

static int abi_make(void)
{
	void *obj;
	int ret;

	AT(&abi_patch, MODULE_MOD, struct module *) = THIS_MODULE;
	obj = abi_add_object("vmlinux", false);
	if (!obj)
		return -ENOMEM;
	ret = abi_add_func(obj, "cmdline_proc_show", abi_cmdline_show);
	if (ret)
		return ret;
	obj = abi_add_object("kpatch_test_target", true);
	if (!obj)
		return -ENOMEM;
	ret = abi_add_func(obj, "kt_f", abi_f);
	if (!ret && sleeper)
		ret = abi_add_func(obj, "kt_sleeper", abi_sleeper);
	return ret ?: abi_add_dynrela(obj, "kt_h", &abi_kt_h);
}

static void abi_free(void)
{
	struct list_head *pos, *head;
	void *obj;

	while (!list_empty(abi_objects)) {
		obj = (void *)abi_objects->next - OBJECT_LIST;
		head = &AT(obj, OBJECT_FUNCS, struct list_head);
		while (!list_empty(head)) {
			pos = head->next;
			list_del(pos);
			kobject_put((void *)pos - FUNC_LIST + FUNC_KOBJ);
		}
		head = &AT(obj, OBJECT_DYNRELAS, struct list_head);
		while (!list_empty(head)) {
			pos = head->next;
			list_del(pos);
			kfree((void *)pos - DYNRELA_LIST);
		}
		abi_free_callbacks(obj);
		list_del(&AT(obj, OBJECT_LIST, struct list_head));
		kobject_put(obj + OBJECT_KOBJ);
	}
	kobject_put(&abi_patch.kobj);
}

/* The report. */

static int abi_report_object(char *buf, void *obj)
{
	struct module *mod = AT(obj, OBJECT_MOD, struct module *);
	struct list_head *pos;
	int funcs = 0, dynrelas = 0;

	for (pos = AT(obj, OBJECT_FUNCS, struct list_head *);
	     pos != &AT(obj, OBJECT_FUNCS, struct list_head); pos = pos->next)
		funcs += !!AT((void *)pos - FUNC_LIST, FUNC_OLD_ADDR, long);
	for (pos = AT(obj, OBJECT_DYNRELAS, struct list_head *);
	     pos != &AT(obj, OBJECT_DYNRELAS, struct list_head); pos = pos->next)
		dynrelas += !!AT((void *)pos - DYNRELA_LIST, DYNRELA_SRC, long);
	return sprintf(buf, "%s mod=%s dir=%s funcs=%d dynrelas=%d callbacks=%d\n",
		       AT(obj, OBJECT_NAME, const char *), mod ? mod->name : "-",
		       kobject_name(obj + OBJECT_KOBJ), funcs, dynrelas,
		       abi_callbacks_on(obj));
}

static int abi_report(char *buf, const struct kernel_param *kp)
{
	struct list_head *pos;
	int n = 0;

	for (pos = abi_objects->next; pos != abi_objects; pos = pos->next)
		n += abi_report_object(buf + n, (void *)pos - OBJECT_LIST);
	return n + sprintf(buf + n, "calls %d %d %d %d\n", abi_calls[0],
			   abi_calls[1], abi_calls[2], abi_calls[3]);
}

static const struct kernel_param_ops abi_report_ops = { .get = abi_report };
module_param_cb(report, &abi_report_ops, NULL, 0444);

/* Two of one key: the newest is found; without them none is. */
static int abi_shadow(void)
{
	char var[] = "kpatch-test-abi";
	void *first = kpatch_shadow_alloc(var, var, 8, GFP_KERNEL);
	void *second = kpatch_shadow_alloc(var, var, 8, GFP_KERNEL);
	bool ok = first && second && kpatch_shadow_get(var, var) == second;

	if (second)
		kpatch_shadow_free(var, var);
	ok = ok && kpatch_shadow_get(var, var) == first;
	if (first)
		kpatch_shadow_free(var, var);
	return ok && !kpatch_shadow_get(var, var) ? 0 : -EIO;
}

static int __init abi_init(void)
{
	int ret = abi_shadow();

	if (ret)
		return ret;
	INIT_LIST_HEAD(abi_objects);
	ret = kobject_init_and_add(&abi_patch.kobj, &abi_patch_type,
				   kpatch_root_kobj, "%s", THIS_MODULE->name);
	if (!ret)
		ret = sysfs_create_file(&abi_patch.kobj, &abi_enabled);
	if (!ret)
		ret = sysfs_create_file(&abi_patch.kobj, &abi_checksum);
	if (!ret)
		ret = abi_make();
	if (!ret)
		ret = kpatch_register(&abi_patch, replace);
	if (ret)
		abi_free();
	return ret;
}

static void __exit abi_exit(void)
{
	WARN_ON(AT(&abi_patch, MODULE_ENABLED, bool));
	abi_free();
}

module_init(abi_init);
module_exit(abi_exit);
MODULE_DESCRIPTION("A patch with the kpatch ABI compiled in");
MODULE_LICENSE("GPL");
