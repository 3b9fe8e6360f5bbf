// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection.  A test writes 1, 2, 3, ... to the parameter and tries some
 * operation each time.  It fails at its first, second, third ... point of
 * failure, until it succeeds with the counter still above zero: then it has
 * seen them all.
 */
#include <linux/atomic.h>
#include <linux/module.h>

#include "fault.h"

static atomic_t kp_fault_at = ATOMIC_INIT(0);

static int kp_fault_set(const char *val, const struct kernel_param *kp)
{
	int n, ret = kstrtoint(val, 0, &n);

	if (!ret)
		atomic_set(&kp_fault_at, n);
	return ret;
}

static int kp_fault_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%d", atomic_read(&kp_fault_at));
}

static const struct kernel_param_ops kp_fault_ops = {
	.set = kp_fault_set,
	.get = kp_fault_get,
};
module_param_cb(fault_at, &kp_fault_ops, NULL, 0600);
MODULE_PARM_DESC(fault_at, "for tests: let the n-th thing from now that can fail do so");

bool kp_fault(void)
{
	return atomic_read(&kp_fault_at) > 0 &&
	       atomic_dec_return(&kp_fault_at) == 0;
}
