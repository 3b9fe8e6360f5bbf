#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A pre-patch callback refuses: the patch does not come, or the module that it
# is for does not come, and what had been called before is called back.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-callbacks
setup_config 5

P=kptest-callbacks
T=kptest-target

start_test "no callback fails: each is called once and in order"
load_mod $T
load_lp $P
check_eq "patched" "$(read_target hello)" "hello: patched with callbacks"
disable_lp $P
check_eq "unpatched" "$(read_target hello)" "hello: original"
unload_lp $P
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
% load $P
livepatch: enabling patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': initializing patching transition
kptest_callbacks: pre_patch_callback: vmlinux
kptest_callbacks: pre_patch_callback: kptest_target
livepatch: 'kptest_callbacks': starting patching transition
(debug) livepatch: 'kptest_callbacks': completing patching transition
kptest_callbacks: post_patch_callback: vmlinux
kptest_callbacks: post_patch_callback: kptest_target
livepatch: 'kptest_callbacks': patching complete
% disable $P
(debug) livepatch: 'kptest_callbacks': initializing unpatching transition
kptest_callbacks: pre_unpatch_callback: vmlinux
kptest_callbacks: pre_unpatch_callback: kptest_target
livepatch: 'kptest_callbacks': starting unpatching transition
(debug) livepatch: 'kptest_callbacks': completing unpatching transition
kptest_callbacks: post_unpatch_callback: vmlinux
kptest_callbacks: post_unpatch_callback: kptest_target
livepatch: 'kptest_callbacks': unpatching complete
$(log_unload $P)
$(log_unload $T)
kptest_target: exit"

start_test "the first object's callback fails: the patch is refused"
load_mod $T
load_failing_mod $P pre_patch_ret=-19
check_eq "unpatched" "$(read_target hello)" "hello: original"
check_cmd "no patch is left" lp_gone "$(lp_dir $P)"
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
% load $P pre_patch_ret=-19
livepatch: enabling patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': initializing patching transition
kptest_callbacks: pre_patch_callback: vmlinux
livepatch: pre-patch callback failed for object 'vmlinux'
livepatch: failed to enable patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': canceling patching transition, going to unpatch
(debug) livepatch: 'kptest_callbacks': completing unpatching transition
livepatch: 'kptest_callbacks': unpatching complete
% load $P failed: No such device
$(log_unload $T)
kptest_target: exit"

start_test "the second object's callback fails: the first is called back"
load_mod $T
load_failing_mod $P pre_patch_ret=-16 ret_for=kptest_target
check_eq "unpatched" "$(read_target hello)" "hello: original"
check_cmd "no patch is left" lp_gone "$(lp_dir $P)"
# the very same module may try again
load_lp $P
check_eq "the next attempt" "$(read_target hello)" "hello: patched with callbacks"
disable_lp $P
unload_lp $P
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
% load $P pre_patch_ret=-16 ret_for=kptest_target
livepatch: enabling patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': initializing patching transition
kptest_callbacks: pre_patch_callback: vmlinux
kptest_callbacks: pre_patch_callback: kptest_target
livepatch: pre-patch callback failed for object 'kptest_target'
livepatch: failed to enable patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': canceling patching transition, going to unpatch
(debug) livepatch: 'kptest_callbacks': completing unpatching transition
kptest_callbacks: post_unpatch_callback: vmlinux
livepatch: 'kptest_callbacks': unpatching complete
% load $P failed: Device or resource busy
% load $P
livepatch: enabling patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': initializing patching transition
kptest_callbacks: pre_patch_callback: vmlinux
kptest_callbacks: pre_patch_callback: kptest_target
livepatch: 'kptest_callbacks': starting patching transition
(debug) livepatch: 'kptest_callbacks': completing patching transition
kptest_callbacks: post_patch_callback: vmlinux
kptest_callbacks: post_patch_callback: kptest_target
livepatch: 'kptest_callbacks': patching complete
% disable $P
(debug) livepatch: 'kptest_callbacks': initializing unpatching transition
kptest_callbacks: pre_unpatch_callback: vmlinux
kptest_callbacks: pre_unpatch_callback: kptest_target
livepatch: 'kptest_callbacks': starting unpatching transition
(debug) livepatch: 'kptest_callbacks': completing unpatching transition
kptest_callbacks: post_unpatch_callback: vmlinux
kptest_callbacks: post_unpatch_callback: kptest_target
livepatch: 'kptest_callbacks': unpatching complete
$(log_unload $P)
$(log_unload $T)
kptest_target: exit"

start_test "a callback fails for a module that comes: the module is refused"
load_lp $P
set_pre_patch_ret $P -19
load_failing_mod $T
check_cmd "the module is not there" test ! -d /sys/module/kptest_target
check_sysfs_value $P enabled 1
check_sysfs_value $P transition 0
! have_sysfs $P kptest_target/patched || check_sysfs_value $P kptest_target/patched 0
# with the callback's consent it may come
set_pre_patch_ret $P 0
load_mod $T
check_eq "the next attempt" "$(read_target hello)" "hello: patched with callbacks"
unload_mod $T
disable_lp $P
unload_lp $P
check_result "% load $P
livepatch: enabling patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': initializing patching transition
kptest_callbacks: pre_patch_callback: vmlinux
livepatch: 'kptest_callbacks': starting patching transition
(debug) livepatch: 'kptest_callbacks': completing patching transition
kptest_callbacks: post_patch_callback: vmlinux
livepatch: 'kptest_callbacks': patching complete
% set $P pre_patch_ret=-19
% load $T
livepatch: applying patch 'kptest_callbacks' to loading module 'kptest_target'
kptest_callbacks: pre_patch_callback: kptest_target
livepatch: pre-patch callback failed for object 'kptest_target'
livepatch: patch 'kptest_callbacks' failed for module 'kptest_target', refusing to load module 'kptest_target'
% load $T failed: No such device
% set $P pre_patch_ret=0
% load $T
livepatch: applying patch 'kptest_callbacks' to loading module 'kptest_target'
kptest_callbacks: pre_patch_callback: kptest_target
kptest_callbacks: post_patch_callback: kptest_target
kptest_target: init
% unload $T
kptest_target: exit
kptest_callbacks: pre_unpatch_callback: kptest_target
livepatch: reverting patch 'kptest_callbacks' on unloading module 'kptest_target'
kptest_callbacks: post_unpatch_callback: kptest_target
% disable $P
(debug) livepatch: 'kptest_callbacks': initializing unpatching transition
kptest_callbacks: pre_unpatch_callback: vmlinux
livepatch: 'kptest_callbacks': starting unpatching transition
(debug) livepatch: 'kptest_callbacks': completing unpatching transition
kptest_callbacks: post_unpatch_callback: vmlinux
livepatch: 'kptest_callbacks': unpatching complete
$(log_unload $P)"

start_test "an earlier patch of the refused module lets go of it, too"
load_lp kptest-hello-a
load_lp $P
set_pre_patch_ret $P -19
load_failing_mod $T
check_cmd "the module is not there" test ! -d /sys/module/kptest_target
! have_sysfs kptest-hello-a kptest_target/patched ||
	check_sysfs_value kptest-hello-a kptest_target/patched 0
set_pre_patch_ret $P 0
load_mod $T
disable_lp $P
check_eq "the earlier patch applies" "$(read_target hello)" "hello: patched by a"
disable_lp kptest-hello-a
check_eq "all off" "$(read_target hello)" "hello: original"
unload_lp $P
unload_lp kptest-hello-a
unload_mod $T
check_result "$(log_load_lp kptest-hello-a)
% load $P
livepatch: enabling patch 'kptest_callbacks'
(debug) livepatch: 'kptest_callbacks': initializing patching transition
kptest_callbacks: pre_patch_callback: vmlinux
livepatch: 'kptest_callbacks': starting patching transition
(debug) livepatch: 'kptest_callbacks': completing patching transition
kptest_callbacks: post_patch_callback: vmlinux
livepatch: 'kptest_callbacks': patching complete
% set $P pre_patch_ret=-19
% load $T
livepatch: applying patch 'kptest_hello_a' to loading module 'kptest_target'
livepatch: applying patch 'kptest_callbacks' to loading module 'kptest_target'
kptest_callbacks: pre_patch_callback: kptest_target
livepatch: pre-patch callback failed for object 'kptest_target'
livepatch: patch 'kptest_callbacks' failed for module 'kptest_target', refusing to load module 'kptest_target'
livepatch: reverting patch 'kptest_hello_a' on unloading module 'kptest_target'
% load $T failed: No such device
% set $P pre_patch_ret=0
% load $T
livepatch: applying patch 'kptest_hello_a' to loading module 'kptest_target'
livepatch: applying patch 'kptest_callbacks' to loading module 'kptest_target'
kptest_callbacks: pre_patch_callback: kptest_target
kptest_callbacks: post_patch_callback: kptest_target
kptest_target: init
% disable $P
(debug) livepatch: 'kptest_callbacks': initializing unpatching transition
kptest_callbacks: pre_unpatch_callback: vmlinux
kptest_callbacks: pre_unpatch_callback: kptest_target
livepatch: 'kptest_callbacks': starting unpatching transition
(debug) livepatch: 'kptest_callbacks': completing unpatching transition
kptest_callbacks: post_unpatch_callback: vmlinux
kptest_callbacks: post_unpatch_callback: kptest_target
livepatch: 'kptest_callbacks': unpatching complete
$(log_disable_lp kptest-hello-a)
$(log_unload $P)
$(log_unload kptest-hello-a)
$(log_unload $T)
kptest_target: exit"
