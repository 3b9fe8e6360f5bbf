/* SPDX-License-Identifier: GPL-2.0 */
/* A debug hook: lets each thing that can fail do so in turn. */
#ifndef _KP_FAULT_H
#define _KP_FAULT_H

#include <linux/types.h>

/*
 * True if this call is the one that the module parameter "fault_at" counts to.
 * Stands before every allocation and every call of the kernel that can fail in
 * enabling, disabling and module loading, which is then left out.
 */
bool kp_fault(void);

#endif /* _KP_FAULT_H */
