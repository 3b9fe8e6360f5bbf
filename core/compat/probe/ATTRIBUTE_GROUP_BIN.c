// SPDX-License-Identifier: GPL-2.0
// 3.11: struct attribute_group::bin_attrs
#include <linux/sysfs.h>

void *kp_probe(const struct attribute_group *grp)
{
	return (void *)grp->bin_attrs;
}
