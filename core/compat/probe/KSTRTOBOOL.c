// SPDX-License-Identifier: GPL-2.0
// 4.6: kstrtobool()
#include <linux/kernel.h>
#include <linux/string.h>

int kp_probe(const char *s, bool *res)
{
	return kstrtobool(s, res);
}
