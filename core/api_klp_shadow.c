// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow variables of the klp front end: data attached to an object, found by
 * the object's address and a number.  At most one for each such pair.
 */
#define pr_fmt(fmt) "livepatch: " fmt

#include <linux/bug.h>
#include <linux/hashtable.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "api_klp.h"
#include "compat.h"

/*
 * Changes are made under the lock, and so are constructors and destructors
 * called; look-ups run under RCU.
 */
static DEFINE_HASHTABLE(kp_klp_shadows, 12);
static DEFINE_SPINLOCK(kp_klp_shadow_lock);

struct kp_klp_shadow {
	struct hlist_node node;
	struct rcu_head rcu;
	void *obj;
	unsigned long id;
	char data[] __aligned(8);
};

static struct kp_klp_shadow *kp_klp_shadow_find(void *obj, unsigned long id)
{
	struct kp_klp_shadow *shadow;

	hash_for_each_possible_rcu(kp_klp_shadows, shadow, node,
				   (unsigned long)obj)
		if (shadow->obj == obj && shadow->id == id)
			return shadow;
	return NULL;
}

void *klp_shadow_get(void *obj, unsigned long id)
{
	struct kp_klp_shadow *shadow;

	rcu_read_lock();
	shadow = kp_klp_shadow_find(obj, id);
	rcu_read_unlock();
	return shadow ? shadow->data : NULL;
}
EXPORT_SYMBOL_GPL(klp_shadow_get);

/*
 * Makes @new findable, unless there is one already, which is returned.  NULL:
 * the constructor has failed.
 */
static struct kp_klp_shadow *kp_klp_shadow_add(struct kp_klp_shadow *new,
					       klp_shadow_ctor_t ctor,
					       void *ctor_data)
{
	struct kp_klp_shadow *shadow;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&kp_klp_shadow_lock, flags);
	rcu_read_lock();
	shadow = kp_klp_shadow_find(new->obj, new->id);
	rcu_read_unlock();
	if (!shadow) {
		shadow = new;
		if (ctor)
			ret = ctor(new->obj, new->data, ctor_data);
		if (!ret)
			hash_add_rcu(kp_klp_shadows, &new->node,
				     (unsigned long)new->obj);
	}
	spin_unlock_irqrestore(&kp_klp_shadow_lock, flags);
	if (!ret)
		return shadow;
	pr_err("Failed to construct shadow variable <%p, %lx> (%d)\n",
	       new->obj, new->id, ret);
	return NULL;
}

static void *kp_klp_shadow_make(void *obj, unsigned long id, size_t size,
				gfp_t gfp_flags, klp_shadow_ctor_t ctor,
				void *ctor_data, bool warn)
{
	struct kp_klp_shadow *shadow, *new;
	void *data = klp_shadow_get(obj, id);

	if (data)
		goto exists;
	new = kzalloc(sizeof(*new) + size, gfp_flags);
	if (!new)
		return NULL;
	new->obj = obj;
	new->id = id;
	shadow = kp_klp_shadow_add(new, ctor, ctor_data);
	if (shadow == new)
		return new->data;
	kfree(new);
	if (!shadow)
		return NULL;
	data = shadow->data;
exists:
	if (!warn)
		return data;
	WARN(1, "Duplicate shadow variable <%p, %lx>\n", obj, id);
	return NULL;
}

void *klp_shadow_alloc(void *obj, unsigned long id, size_t size,
		       gfp_t gfp_flags, klp_shadow_ctor_t ctor, void *ctor_data)
{
	return kp_klp_shadow_make(obj, id, size, gfp_flags, ctor, ctor_data,
				  true);
}
EXPORT_SYMBOL_GPL(klp_shadow_alloc);

void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size,
			      gfp_t gfp_flags, klp_shadow_ctor_t ctor,
			      void *ctor_data)
{
	return kp_klp_shadow_make(obj, id, size, gfp_flags, ctor, ctor_data,
				  false);
}
EXPORT_SYMBOL_GPL(klp_shadow_get_or_alloc);

static void kp_klp_shadow_del(struct kp_klp_shadow *shadow,
			      klp_shadow_dtor_t dtor)
{
	hash_del_rcu(&shadow->node);
	if (dtor)
		dtor(shadow->obj, shadow->data);
	kfree_rcu(shadow, rcu);
}

void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor)
{
	struct kp_klp_shadow *shadow;
	unsigned long flags;

	spin_lock_irqsave(&kp_klp_shadow_lock, flags);
	rcu_read_lock();
	shadow = kp_klp_shadow_find(obj, id);
	rcu_read_unlock();
	if (shadow)
		kp_klp_shadow_del(shadow, dtor);
	spin_unlock_irqrestore(&kp_klp_shadow_lock, flags);
}
EXPORT_SYMBOL_GPL(klp_shadow_free);

void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor)
{
	struct kp_klp_shadow *shadow;
	struct hlist_node *next;
	unsigned long flags;
	int bucket;

	spin_lock_irqsave(&kp_klp_shadow_lock, flags);
	hash_for_each_safe(kp_klp_shadows, bucket, next, shadow, node)
		if (shadow->id == id)
			kp_klp_shadow_del(shadow, dtor);
	spin_unlock_irqrestore(&kp_klp_shadow_lock, flags);
}
EXPORT_SYMBOL_GPL(klp_shadow_free_all);

void kp_klp_shadow_exit(void)
{
	struct kp_klp_shadow *shadow;
	struct hlist_node *next;
	int bucket;

	/* All users have gone: their modules needed ours. */
	hash_for_each_safe(kp_klp_shadows, bucket, next, shadow, node) {
		hash_del(&shadow->node);
		kfree(shadow);
	}
}
