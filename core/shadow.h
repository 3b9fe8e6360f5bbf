/* SPDX-License-Identifier: GPL-2.0 */
/* Shadow variables; their users' interface is in kpatch.h. */
#ifndef _KP_SHADOW_H
#define _KP_SHADOW_H

/* Frees what is left. */
void kp_shadow_exit(void);

#endif /* _KP_SHADOW_H */
