// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow variables: data that a patch attaches to an object whose struct it
 * cannot change.
 */
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "compat.h"
#include "kpatch.h"
#include "shadow.h"

/* Changes are made under the lock; look-ups run under RCU. */
static DEFINE_HASHTABLE(kp_shadows, 12);
static DEFINE_SPINLOCK(kp_shadow_lock);

/* One allocation: this, the data, the name. */
struct kp_shadow {
	struct hlist_node node;
	struct rcu_head rcu;
	void *obj;
	const char *var;
	char data[] __aligned(8);
};

static struct kp_shadow *kp_shadow_find(const void *obj, const char *var)
{
	struct kp_shadow *shadow;

	hash_for_each_possible_rcu(kp_shadows, shadow, node,
				   (unsigned long)obj)
		if (shadow->obj == obj && !strcmp(shadow->var, var))
			return shadow;
	return NULL;
}

void *kpatch_shadow_alloc(void *obj, char *var, size_t size, gfp_t gfp)
{
	size_t len = strlen(var) + 1;
	struct kp_shadow *shadow;
	unsigned long flags;

	if (size > INT_MAX)
		return NULL;
	shadow = kzalloc(sizeof(*shadow) + size + len, gfp);
	if (!shadow)
		return NULL;
	shadow->obj = obj;
	shadow->var = memcpy(shadow->data + size, var, len);

	spin_lock_irqsave(&kp_shadow_lock, flags);
	hash_add_rcu(kp_shadows, &shadow->node, (unsigned long)obj);
	spin_unlock_irqrestore(&kp_shadow_lock, flags);
	return shadow->data;
}
EXPORT_SYMBOL_GPL(kpatch_shadow_alloc);

void kpatch_shadow_free(void *obj, char *var)
{
	struct kp_shadow *shadow;
	unsigned long flags;

	spin_lock_irqsave(&kp_shadow_lock, flags);
	shadow = kp_shadow_find(obj, var);
	if (shadow)
		hash_del_rcu(&shadow->node);
	spin_unlock_irqrestore(&kp_shadow_lock, flags);
	if (shadow)
		kfree_rcu(shadow, rcu);
}
EXPORT_SYMBOL_GPL(kpatch_shadow_free);

void *kpatch_shadow_get(void *obj, char *var)
{
	struct kp_shadow *shadow;

	rcu_read_lock();
	shadow = kp_shadow_find(obj, var);
	rcu_read_unlock();
	return shadow ? shadow->data : NULL;
}
EXPORT_SYMBOL_GPL(kpatch_shadow_get);

void kp_shadow_exit(void)
{
	struct hlist_node *next;
	struct kp_shadow *shadow;
	int bucket;

	/* All users have gone: their modules needed ours. */
	hash_for_each_safe(kp_shadows, bucket, next, shadow, node) {
		hash_del(&shadow->node);
		kfree(shadow);
	}
}
