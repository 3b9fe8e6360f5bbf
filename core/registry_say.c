// SPDX-License-Identifier: GPL-2.0
/* What the log says of patches whose front end has no words of its own. */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/kernel.h>

#include "compat.h"
#include "registry.h"

static void kp_say_settled(const struct kp_patch *patch)
{
	const struct kp_switch *sw = kp_patch_switch();

	pr_notice("patch '%s' %s (model %s, %u %s)\n", patch->name,
		  sw->target ? "enabled" : "disabled", sw->ops->name,
		  sw->tries, sw->tries == 1 ? "try" : "tries");
}

static void kp_say_plainly(struct kp_patch *patch, enum kp_event event,
			   const char *name, int error)
{
	switch (event) {
	case KP_EV_SETTLED:
		kp_say_settled(patch);
		break;
	case KP_EV_REPLACED:
		pr_notice("patch '%s' replaced by '%s'\n", patch->name, name);
		break;
	case KP_EV_PRE_PATCH_FAILED:
		pr_err("pre-patch callback for '%s' failed (%d)\n", name,
		       error);
		break;
	case KP_EV_APPLYING:
		pr_notice("patch '%s' is applied to newly loaded module '%s'\n",
			  patch->name, name);
		break;
	case KP_EV_REFUSED:
		pr_err("module '%s' %s: patch '%s' cannot be applied to it (%d)\n",
		       name, patch->strict ? "refused" : "runs UNPATCHED",
		       patch->name, error);
		break;
	default:
		break;
	}
}

void kp_say(struct kp_patch *patch, enum kp_event event, const char *name,
	    int error)
{
	kp_assert_locked();
	if (patch->ops && patch->ops->say)
		patch->ops->say(patch, event, name, error);
	else
		kp_say_plainly(patch, event, name, error);
}
