/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers for patch sources, as mainline has them since 7.0; see livepatch.h. */
#ifndef _LINUX_LIVEPATCH_HELPERS_H
#define _LINUX_LIVEPATCH_HELPERS_H

#include <linux/livepatch.h>
#include <linux/syscalls.h>

/* The object that this source file is a part of. */
#ifdef MODULE
#define KLP_OBJNAME __KBUILD_MODNAME
#else
#define KLP_OBJNAME vmlinux
#endif

#ifndef __PASTE
#define ___KLP_PASTE(a, b)	a##b
#define __PASTE(a, b)		___KLP_PASTE(a, b)
#endif

/* Callbacks: pointers in a section that the builder of the patch reads. */
#define KLP_CALLBACK_PTRS ".discard.klp_callback_ptrs"

#define __KLP_CALLBACK(type, prefix, func)				\
	type __attribute__((__used__, __section__(KLP_CALLBACK_PTRS)))	\
		__PASTE(prefix, KLP_OBJNAME) = func

#define KLP_PRE_PATCH_CALLBACK(func)					\
	__KLP_CALLBACK(klp_pre_patch_t, __KLP_PRE_PATCH_PREFIX, func)
#define KLP_POST_PATCH_CALLBACK(func)					\
	__KLP_CALLBACK(klp_post_patch_t, __KLP_POST_PATCH_PREFIX, func)
#define KLP_PRE_UNPATCH_CALLBACK(func)					\
	__KLP_CALLBACK(klp_pre_unpatch_t, __KLP_PRE_UNPATCH_PREFIX, func)
#define KLP_POST_UNPATCH_CALLBACK(func)					\
	__KLP_CALLBACK(klp_post_unpatch_t, __KLP_POST_UNPATCH_PREFIX, func)

/* A static call whose key is out of reach, made an indirect one. */
#define KLP_STATIC_CALL(name) \
	((typeof(STATIC_CALL_TRAMP(name)) *)(STATIC_CALL_KEY(name).func))

/*
 * System calls, without what SYSCALL_DEFINEn() adds for tracers.  Needs a
 * kernel whose handlers take a struct pt_regs (4.17 and later).
 */
#define KLP_SYSCALL_DEFINE1(name, ...) \
	KLP_SYSCALL_DEFINEx(1, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE2(name, ...) \
	KLP_SYSCALL_DEFINEx(2, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE3(name, ...) \
	KLP_SYSCALL_DEFINEx(3, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE4(name, ...) \
	KLP_SYSCALL_DEFINEx(4, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE5(name, ...) \
	KLP_SYSCALL_DEFINEx(5, _##name, __VA_ARGS__)
#define KLP_SYSCALL_DEFINE6(name, ...) \
	KLP_SYSCALL_DEFINEx(6, _##name, __VA_ARGS__)

#define KLP_SYSCALL_DEFINEx(x, sname, ...) \
	__KLP_SYSCALL_DEFINEx(x, sname, __VA_ARGS__)

#ifdef CONFIG_X86_64
/* The kernel's entry stub calls __se_sys*(), which gives types to registers. */
#define __KLP_SYSCALL_DEFINEx(x, name, ...)				\
	static long __se_sys##name(__MAP(x, __SC_LONG, __VA_ARGS__));	\
	static inline long						\
	__klp_do_sys##name(__MAP(x, __SC_DECL, __VA_ARGS__));		\
	__X64_SYS_STUBx(x, name, __VA_ARGS__)				\
	__IA32_SYS_STUBx(x, name, __VA_ARGS__)				\
	static long __se_sys##name(__MAP(x, __SC_LONG, __VA_ARGS__))	\
	{								\
		long __klp_ret =					\
			__klp_do_sys##name(__MAP(x, __SC_CAST, __VA_ARGS__)); \
		__MAP(x, __SC_TEST, __VA_ARGS__);			\
		__PROTECT(x, __klp_ret, __MAP(x, __SC_ARGS, __VA_ARGS__)); \
		return __klp_ret;					\
	}								\
	static inline long						\
	__klp_do_sys##name(__MAP(x, __SC_DECL, __VA_ARGS__))
#endif

#endif /* _LINUX_LIVEPATCH_HELPERS_H */
