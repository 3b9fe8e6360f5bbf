// SPDX-License-Identifier: GPL-2.0
/*
 * Which model switches a patch: the user's choice for the patch, its author's,
 * the user's for all, or what is best for its kind.
 */
#define pr_fmt(fmt) "kpatch: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "compat.h"
#include "switch.h"

#define KP_MODEL_LEN	16

static const struct kp_switch_ops * const kp_models[] = {
	&kp_switch_stop,
	&kp_switch_refcount,
	&kp_switch_task,
};

/* Guards both parameters: they can be written while a patch is being enabled. */
static DEFINE_MUTEX(kp_choice_mutex);

static char kp_model[KP_MODEL_LEN] = "auto";

/* "patch:model,patch:model", or empty */
static char kp_model_list[512];

static const struct kp_switch_ops *kp_model_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kp_models); i++)
		if (!strcmp(name, kp_models[i]->name))
			return kp_models[i];
	return NULL;
}

static bool kp_model_valid(const char *name)
{
	return !strcmp(name, "auto") || kp_model_find(name);
}

static int kp_model_set(const char *val, const struct kernel_param *kp)
{
	char buf[KP_MODEL_LEN], *name;

	if (strlen(val) >= sizeof(buf))
		return -EINVAL;
	strcpy(buf, val);
	name = strim(buf);
	if (!kp_model_valid(name))
		return -EINVAL;
	mutex_lock(&kp_choice_mutex);
	strcpy(kp_model, name);
	mutex_unlock(&kp_choice_mutex);
	return 0;
}

static int kp_model_get(char *buf, const struct kernel_param *kp)
{
	int len;

	mutex_lock(&kp_choice_mutex);
	len = sprintf(buf, "%s", kp_model);
	mutex_unlock(&kp_choice_mutex);
	return len;
}

static const struct kernel_param_ops kp_model_ops = {
	.set = kp_model_set,
	.get = kp_model_get,
};
module_param_cb(model, &kp_model_ops, NULL, 0644);
MODULE_PARM_DESC(model, "how patches are switched: auto, stop, refcount or task");

/*
 * Cuts "patch:model" off the front of *@rest: the patch's name, and its model in
 * *@model, which is NULL if there is no colon.  NULL at the end.
 */
static char *kp_choice_next(char **rest, char **model)
{
	char *item = strsep(rest, ",");

	*model = item;
	return item ? strim(strsep(model, ":")) : NULL;
}

static bool kp_list_valid(char *list)
{
	char *name, *model;

	if (!*list)
		return true;
	while ((name = kp_choice_next(&list, &model)))
		if (!*name || !model || !kp_model_valid(strim(model)))
			return false;
	return true;
}

static int kp_list_set(const char *val, const struct kernel_param *kp)
{
	static char buf[sizeof(kp_model_list)];
	int ret = 0;

	if (strlen(val) >= sizeof(buf))
		return -ENOSPC;
	mutex_lock(&kp_choice_mutex);
	strcpy(buf, val);
	if (kp_list_valid(strim(buf))) {
		strcpy(buf, val);
		strcpy(kp_model_list, strim(buf));
	} else {
		ret = -EINVAL;
	}
	mutex_unlock(&kp_choice_mutex);
	return ret;
}

static int kp_list_get(char *buf, const struct kernel_param *kp)
{
	int len;

	mutex_lock(&kp_choice_mutex);
	len = sprintf(buf, "%s", kp_model_list);
	mutex_unlock(&kp_choice_mutex);
	return len;
}

static const struct kernel_param_ops kp_list_ops = {
	.set = kp_list_set,
	.get = kp_list_get,
};
module_param_cb(models, &kp_list_ops, NULL, 0644);
MODULE_PARM_DESC(models, "the same for single patches: patch:model,patch:model");

/* The user's choice for @patch, or NULL; kp_choice_mutex. */
static const struct kp_switch_ops *kp_choice_of_user(const char *patch)
{
	static char buf[sizeof(kp_model_list)];
	char *rest = buf, *name, *model;

	strcpy(buf, kp_model_list);
	while ((name = kp_choice_next(&rest, &model)))
		if (model && !strcmp(name, patch))
			return kp_model_find(strim(model));
	return NULL;
}

/*
 * At one instant: "stop", which needs nothing and is over soonest.  Otherwise
 * "task", which disturbs nobody.
 */
static const struct kp_switch_ops *
kp_choose(const struct kp_choice *choice)
{
	const struct kp_switch_ops *ops = kp_choice_of_user(choice->patch);

	if (!ops && choice->wish) {
		ops = kp_model_find(choice->wish);
		if (!ops && strcmp(choice->wish, "auto"))
			return ERR_PTR(-EINVAL);
	}
	if (!ops)
		ops = kp_model_find(kp_model);
	if (!ops)
		ops = choice->at_once ? &kp_switch_stop : &kp_switch_task;
	return ops;
}

const struct kp_switch_ops *kp_model_pick(const struct kp_choice *choice)
{
	const struct kp_switch_ops *ops;
	const char *why;

	mutex_lock(&kp_choice_mutex);
	ops = kp_choose(choice);
	mutex_unlock(&kp_choice_mutex);
	if (IS_ERR(ops)) {
		pr_err("patch '%s' wants model '%s', which does not exist\n",
		       choice->patch, choice->wish);
		return ops;
	}
	why = ops->unusable ? ops->unusable() : NULL;
	if (why) {
		pr_err("patch '%s' cannot be switched by model '%s': %s\n",
		       choice->patch, ops->name, why);
		return ERR_PTR(-EOPNOTSUPP);
	}
	return ops;
}
