/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For patch authors: #include "kpatch-macros.h" in the patched source file.
 *
 * The macros leave marks for create-diff-object (ignore this, call that) or
 * replace kernel macros that do not work inside a patch module.
 */
#ifndef __KPATCH_MACROS_H_
#define __KPATCH_MACROS_H_

#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/slab.h>

/* kpatch-build --core kpatch defines KPATCH_CORE_KPATCH */
#if IS_ENABLED(CONFIG_LIVEPATCH) && !defined(KPATCH_CORE_KPATCH)
#define __KPATCH_KLP
#include <linux/livepatch.h>
typedef struct klp_object patch_object;
#else
struct kpatch_object;
typedef struct kpatch_object patch_object;
#endif

#define __kpatch_section(name) __attribute__((__used__, __section__(name)))

/*
 * KPATCH_IGNORE_SECTION(name): a change in this section (of data, of a table, of
 * assembler code without .type) is meant and harmless; the patch goes without it.
 */
#define KPATCH_IGNORE_SECTION(_sec)					\
	static const char * const __UNIQUE_ID(kpatch_ignore_section_)	\
	__kpatch_section(".kpatch.ignore.sections") = (_sec)

/*
 * KPATCH_IGNORE_FUNCTION(fn): leave this function as the kernel has it although
 * its code changed (by a line number, by a macro's side effect).
 */
#define KPATCH_IGNORE_FUNCTION(_fn)					\
	static void * const __kpatch_ignore_func_##_fn			\
	__kpatch_section(".kpatch.ignore.functions") = (void *)(_fn)

/*
 * KPATCH_FORCE_UNSAFE(fn): switch this function although a task may be inside
 * it. Only if old and new may run at the same time. kpatch.ko honours it; the
 * kernel's livepatch moves each task when it can, and has its "force" file.
 */
#define KPATCH_FORCE_UNSAFE(_fn)					\
	static void * const __kpatch_force_func_##_fn			\
	__kpatch_section(".kpatch.force") = (void *)(_fn)

/*
 * Callbacks, one of each kind for an object (vmlinux, or the module that the
 * source file belongs to). They may sleep.
 *
 *   int  fn(patch_object *obj)   before the functions are switched; an error
 *                                cancels the patch for this object
 *   void fn(patch_object *obj)   after that; before and after switching back
 */
struct __kpatch_int_callback {
	int (*fn)(patch_object *obj);
	const char *objname;		/* create-diff-object fills it in */
};

struct __kpatch_void_callback {
	void (*fn)(patch_object *obj);
	const char *objname;
};

#define __KPATCH_CALLBACK(_type, _kind, _fn)				\
	static struct __kpatch_##_type##_callback kpatch_##_kind##_data	\
	__kpatch_section(".kpatch.callbacks." #_kind) = { .fn = (_fn) }

#define KPATCH_PRE_PATCH_CALLBACK(_fn)					\
	__KPATCH_CALLBACK(int, pre_patch, _fn)
#define KPATCH_POST_PATCH_CALLBACK(_fn)					\
	__KPATCH_CALLBACK(void, post_patch, _fn)
#define KPATCH_PRE_UNPATCH_CALLBACK(_fn)				\
	__KPATCH_CALLBACK(void, pre_unpatch, _fn)
#define KPATCH_POST_UNPATCH_CALLBACK(_fn)				\
	__KPATCH_CALLBACK(void, post_unpatch, _fn)

/*
 * KPATCH_PRINTK(): printk() without its side effect on the code around it: gcc
 * takes a path with a printk for an unlikely one, and moves or outlines code
 * of functions that did not change.
 */
#define KPATCH_PRINTK(_fmt, ...)					\
	({								\
		if (jiffies)						\
			printk(_fmt, ##__VA_ARGS__);			\
	})

/* The same where printk() could deadlock (under scheduler locks). */
#define KPATCH_PRINTK_DEFERRED(_fmt, ...)				\
	({								\
		if (jiffies)						\
			printk_deferred(_fmt, ##__VA_ARGS__);		\
	})

/*
 * KPATCH_STATIC_CALL(name)(args): for static_call(name)(args) whose key is in a
 * module; an ordinary indirect call.
 */
#define KPATCH_STATIC_CALL(name)					\
	((typeof(STATIC_CALL_TRAMP(name)) *)(STATIC_CALL_KEY(name).func))

/*
 * Shadow variables: data attached to an existing object, for what would
 * otherwise be a new member of its struct. @id: unique to this use.
 */
#ifdef __KPATCH_KLP
#define KPATCH_SHADOW_GET(_obj, _id)					\
	klp_shadow_get((_obj), (_id))
#define KPATCH_SHADOW_ALLOC(_obj, _id, _size, _gfp, _ctor, _data)	\
	klp_shadow_alloc((_obj), (_id), (_size), (_gfp), (_ctor), (_data))
#define KPATCH_SHADOW_GET_OR_ALLOC(_obj, _id, _size, _gfp, _ctor, _data) \
	klp_shadow_get_or_alloc((_obj), (_id), (_size), (_gfp), (_ctor), (_data))
#define KPATCH_SHADOW_FREE(_obj, _id, _dtor)				\
	klp_shadow_free((_obj), (_id), (_dtor))
#define KPATCH_SHADOW_FREE_ALL(_id, _dtor)				\
	klp_shadow_free_all((_id), (_dtor))
#else
/* kpatch.ko's: the key is a string, there are no constructors. */
void *kpatch_shadow_alloc(void *obj, char *var, size_t size, gfp_t gfp);
void kpatch_shadow_free(void *obj, char *var);
void *kpatch_shadow_get(void *obj, char *var);
#define KPATCH_SHADOW_GET(_obj, _id)					\
	kpatch_shadow_get((_obj), #_id)
#define KPATCH_SHADOW_ALLOC(_obj, _id, _size, _gfp, ...)		\
	kpatch_shadow_alloc((_obj), #_id, (_size), (_gfp))
#define KPATCH_SHADOW_FREE(_obj, _id, ...)				\
	kpatch_shadow_free((_obj), #_id)
#endif

/*
 * KPATCH_SYSCALL_DEFINEn(name, ...): SYSCALL_DEFINEn for a patched system call:
 * its entry points without the tracing metadata, which exists already.
 */
#ifdef __SYSCALL_DEFINEx
#define KPATCH_SYSCALL_DEFINE1(name, ...) KPATCH_SYSCALL_DEFINEx(1, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE2(name, ...) KPATCH_SYSCALL_DEFINEx(2, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE3(name, ...) KPATCH_SYSCALL_DEFINEx(3, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE4(name, ...) KPATCH_SYSCALL_DEFINEx(4, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE5(name, ...) KPATCH_SYSCALL_DEFINEx(5, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE6(name, ...) KPATCH_SYSCALL_DEFINEx(6, _##name, __VA_ARGS__)
#endif

#ifdef __X64_SYS_STUBx
#define KPATCH_SYSCALL_DEFINEx(x, sname, ...)				\
	static long __se_sys##sname(__MAP(x, __SC_LONG, __VA_ARGS__));	\
	static inline long						\
	__kpatch_do_sys##sname(__MAP(x, __SC_DECL, __VA_ARGS__));	\
	__X64_SYS_STUBx(x, sname, __VA_ARGS__)				\
	__IA32_SYS_STUBx(x, sname, __VA_ARGS__)				\
	static long __se_sys##sname(__MAP(x, __SC_LONG, __VA_ARGS__))	\
	{								\
		long ret;						\
									\
		ret = __kpatch_do_sys##sname(__MAP(x, __SC_CAST, __VA_ARGS__)); \
		__MAP(x, __SC_TEST, __VA_ARGS__);			\
		__PROTECT(x, ret, __MAP(x, __SC_ARGS, __VA_ARGS__));	\
		return ret;						\
	}								\
	static inline long						\
	__kpatch_do_sys##sname(__MAP(x, __SC_DECL, __VA_ARGS__))
#elif defined(__SYSCALL_DEFINEx)
/* before 5.7: the metadata is not part of it */
#define KPATCH_SYSCALL_DEFINEx(x, sname, ...)				\
	__SYSCALL_DEFINEx(x, sname, __VA_ARGS__)
#endif

#endif /* __KPATCH_MACROS_H_ */
