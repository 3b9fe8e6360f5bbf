/* SPDX-License-Identifier: GPL-2.0 */
/* What kpatch-shadow-mod and its patch know of each other. */
#ifndef SAMPLES_KPATCH_SHADOW_H
#define SAMPLES_KPATCH_SHADOW_H

#include <linux/list.h>
#include <linux/types.h>

struct widget {
	struct list_head node;
	int id;
};

struct widget *widget_new(int id);
void widget_free(struct widget *w);
int widget_print(struct widget *w, char *buf, size_t size);

#endif /* SAMPLES_KPATCH_SHADOW_H */
