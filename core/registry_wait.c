// SPDX-License-Identifier: GPL-2.0
/* Transitions from start to end, for callers that wait. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/wait.h>

#include "compat.h"
#include "registry.h"
#include "registry_wait.h"

/* Woken when a transition ends, or does not begin after all. */
static DECLARE_WAIT_QUEUE_HEAD(kp_settled_wait);

void kp_wait_wake(void)
{
	wake_up_all(&kp_settled_wait);
}

static int kp_patch_start_wait(struct kp_patch *patch,
			       int (*start)(struct kp_patch *patch), bool on)
{
	struct kp_patch *moving;
	bool wait;
	int ret;

	for (;;) {
		kp_lock();
		moving = kp_patch_moving();
		wait = moving && moving != patch;
		ret = wait ? 0 : start(patch);
		kp_unlock();
		if (!wait)
			break;
		wait_event(kp_settled_wait, !kp_patch_is_moving(NULL));
	}
	if (ret)
		return ret;
	wait_event(kp_settled_wait, !kp_patch_is_moving(patch));
	/* Nobody else starts anything with this patch but its owner. */
	if ((READ_ONCE(patch->state) == KP_PATCH_ON) == on)
		return 0;
	return patch->error ? patch->error : -ECANCELED;
}

int kp_patch_enable_wait(struct kp_patch *patch)
{
	return kp_patch_start_wait(patch, kp_patch_enable, true);
}

int kp_patch_disable_wait(struct kp_patch *patch)
{
	return kp_patch_start_wait(patch, kp_patch_disable, false);
}
