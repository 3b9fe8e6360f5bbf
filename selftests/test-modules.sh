#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A patch for a module: the module is there before the patch, comes after it,
# goes while it is patched, or does not come up at all.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-hello-a kptest-hello-b kptest-block kptest-late
setup_config 6

A=kptest-hello-a
B=kptest-hello-b
T=kptest-target

# log_coming PATCH..., log_going PATCH...: what happens to patches of the
# target when it is loaded and unloaded
log_coming() {
	local patch

	for patch; do
		echo "livepatch: applying patch '$(mod_name "$patch")' to loading module 'kptest_target'"
	done
}

log_going() {
	local patch

	for patch; do
		echo "livepatch: reverting patch '$(mod_name "$patch")' on unloading module 'kptest_target'"
	done
}

start_test "the module is there before the patch"
load_mod $T
load_lp $A
check_eq "patched" "$(read_target hello)" "hello: patched by a"
! have_sysfs $A kptest_target/patched || check_sysfs_value $A kptest_target/patched 1
disable_lp $A
check_eq "unpatched" "$(read_target hello)" "hello: original"
unload_lp $A
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $A)
$(log_disable_lp $A)
$(log_unload $A)
$(log_unload $T)
kptest_target: exit"

start_test "the module comes after the patch"
load_lp $A
! have_sysfs $A kptest_target/patched || check_sysfs_value $A kptest_target/patched 0
load_mod $T
check_eq "patched" "$(read_target hello)" "hello: patched by a"
! have_sysfs $A kptest_target/patched || check_sysfs_value $A kptest_target/patched 1
disable_lp $A
check_eq "unpatched" "$(read_target hello)" "hello: original"
unload_lp $A
unload_mod $T
check_result "$(log_load_lp $A)
$(log_load $T)
$(log_coming $A)
kptest_target: init
$(log_disable_lp $A)
$(log_unload $A)
$(log_unload $T)
kptest_target: exit"

start_test "the module goes while it is patched, and comes again"
load_mod $T
load_lp $A
unload_mod $T
! have_sysfs $A kptest_target/patched || check_sysfs_value $A kptest_target/patched 0
check_sysfs_value $A enabled 1
load_mod $T
check_eq "patched" "$(read_target hello)" "hello: patched by a"
unload_mod $T
disable_lp $A
unload_lp $A
load_mod $T
check_eq "no patch is left" "$(read_target hello)" "hello: original"
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $A)
$(log_unload $T)
kptest_target: exit
$(log_going $A)
$(log_load $T)
$(log_coming $A)
kptest_target: init
$(log_unload $T)
kptest_target: exit
$(log_going $A)
$(log_disable_lp $A)
$(log_unload $A)
$(log_load $T)
kptest_target: init
$(log_unload $T)
kptest_target: exit"

start_test "two patches wait for the module: both apply, in their order"
load_lp $A
load_lp $B
load_mod $T
check_eq "the last one wins" "$(read_target hello)" "hello: patched by b"
disable_lp $B
check_eq "the first one is there as well" "$(read_target hello)" "hello: patched by a"
disable_lp $A
check_eq "all off" "$(read_target hello)" "hello: original"
unload_lp $A
unload_lp $B
unload_mod $T
check_result "$(log_load_lp $A)
$(log_load_lp $B)
$(log_load $T)
$(log_coming $A $B)
kptest_target: init
$(log_disable_lp $B)
$(log_disable_lp $A)
$(log_unload $A)
$(log_unload $B)
$(log_unload $T)
kptest_target: exit"

start_test "the module's own init fails: the patch lets go of it"
load_lp $A
load_failing_mod $T init_ret=-19
check_sysfs_value $A enabled 1
! have_sysfs $A kptest_target/patched || check_sysfs_value $A kptest_target/patched 0
load_mod $T
check_eq "the next attempt" "$(read_target hello)" "hello: patched by a"
unload_mod $T
disable_lp $A
unload_lp $A
check_result "$(log_load_lp $A)
% load $T init_ret=-19
$(log_coming $A)
kptest_target: init
$(log_going $A)
% load $T failed: No such device
$(log_load $T)
$(log_coming $A)
kptest_target: init
$(log_unload $T)
kptest_target: exit
$(log_going $A)
$(log_disable_lp $A)
$(log_unload $A)"

start_test "the module comes and goes in the middle of a transition"
load_mod $T
background cat /sys/kernel/debug/kptest_target/block >/dev/null
wait_until "a task in the function to be patched" \
	grep -qx 1 /sys/kernel/debug/kptest_target/inside
load_lp_nowait kptest-block
for _ in 1 2; do
	load_mod kptest-late
	check_eq "the late module" "$(cat /sys/kernel/debug/kptest_late)" "late: patched"
	unload_mod kptest-late
done
check_sysfs_value kptest-block transition 1
# the module with the task inside is in use
! rmmod kptest_target 2>/dev/null || fail "a module in use was unloaded"
load_mod kptest-late
log "% release"
echo 1 >/sys/kernel/debug/kptest_target/release
wait_background "$BG_PID"
check_eq "status of the reader" "$BG_STATUS" 0
wait_transition kptest-block
check_eq "afterwards" "$(cat /sys/kernel/debug/kptest_late)" "late: patched"
disable_lp kptest-block
check_eq "unpatched" "$(cat /sys/kernel/debug/kptest_late)" "late: original"
unload_lp kptest-block
unload_mod kptest-late
unload_mod $T
late="livepatch: applying patch 'kptest_block' to loading module 'kptest_late'
kptest_late: init"
gone="kptest_late: exit
livepatch: reverting patch 'kptest_block' on unloading module 'kptest_late'"
check_result "$(log_load $T)
kptest_target: init
% load kptest-block
livepatch: enabling patch 'kptest_block'
livepatch: 'kptest_block': starting patching transition
% load kptest-late
$late
% unload kptest-late
$gone
% load kptest-late
$late
% unload kptest-late
$gone
% load kptest-late
$late
% release
livepatch: 'kptest_block': patching complete
$(log_disable_lp kptest-block)
$(log_unload kptest-block)
$(log_unload kptest-late)
kptest_late: exit
$(log_unload $T)
kptest_target: exit"
