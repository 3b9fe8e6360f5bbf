#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Several patches of one function: the one that was enabled last is the one
# that runs, in whatever order they are disabled.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-hello-a kptest-hello-b kptest-hello-c
setup_config 4

A=kptest-hello-a
B=kptest-hello-b
C=kptest-hello-c

# check_order PATCH NUMBER...: their place in the stack, where the kernel
# tells it (7.x)
check_order() {
	while [[ $# -gt 0 ]]; do
		! have_sysfs "$1" stack_order || check_sysfs_value "$1" stack_order "$2"
		shift 2
	done
}

start_test "the last patch wins, and the one below it comes back"
load_mod kptest-target
check_eq "unpatched" "$(read_target hello)" "hello: original"
load_lp $A
check_eq "a on" "$(read_target hello)" "hello: patched by a"
load_lp $B
check_eq "a, b on" "$(read_target hello)" "hello: patched by b"
check_order $A 1 $B 2
check_sysfs_value $A enabled 1
check_sysfs_value $B enabled 1
disable_lp $B
check_eq "b off again" "$(read_target hello)" "hello: patched by a"
check_order $A 1
disable_lp $A
check_eq "all off again" "$(read_target hello)" "hello: original"
unload_lp $B
unload_lp $A
unload_mod kptest-target
check_result "$(log_load kptest-target)
kptest_target: init
$(log_load_lp $A)
$(log_load_lp $B)
$(log_disable_lp $B)
$(log_disable_lp $A)
$(log_unload $B)
$(log_unload $A)
$(log_unload kptest-target)
kptest_target: exit"

start_test "a patch can be taken away from below another one"
load_mod kptest-target
load_lp $A
load_lp $B
disable_lp $A
check_eq "only b is left" "$(read_target hello)" "hello: patched by b"
check_order $B 1
unload_lp $A
check_eq "a is unloaded" "$(read_target hello)" "hello: patched by b"
# and what comes later goes on top
load_lp $A
check_eq "a is back" "$(read_target hello)" "hello: patched by a"
check_order $B 1 $A 2
disable_lp $A
check_eq "a off again" "$(read_target hello)" "hello: patched by b"
disable_lp $B
check_eq "all off again" "$(read_target hello)" "hello: original"
unload_lp $A
unload_lp $B
unload_mod kptest-target
check_result "$(log_load kptest-target)
kptest_target: init
$(log_load_lp $A)
$(log_load_lp $B)
$(log_disable_lp $A)
$(log_unload $A)
$(log_load_lp $A)
$(log_disable_lp $A)
$(log_disable_lp $B)
$(log_unload $A)
$(log_unload $B)
$(log_unload kptest-target)
kptest_target: exit"

start_test "an atomic replace takes the place of the whole stack"
load_mod kptest-target
load_lp $A
load_lp $B
load_lp $C
check_eq "c on" "$(read_target hello)" "hello: patched by c"
wait_gone $A
wait_gone $B
check_sysfs_value $C enabled 1
check_order $C 1
unload_lp $A
unload_lp $B
check_eq "c alone" "$(read_target hello)" "hello: patched by c"
disable_lp $C
check_eq "all off again" "$(read_target hello)" "hello: original"
unload_lp $C
unload_mod kptest-target
check_result "$(log_load kptest-target)
kptest_target: init
$(log_load_lp $A)
$(log_load_lp $B)
$(log_load_lp $C)
$(log_unload $A)
$(log_unload $B)
$(log_disable_lp $C)
$(log_unload $C)
$(log_unload kptest-target)
kptest_target: exit"

start_test "the attributes in sysfs, and what may not be written to them"
load_mod kptest-target
load_lp $A
check_sysfs_rights $A enabled -rw-r--r--
check_sysfs_rights $A transition -r--r--r--
check_sysfs_rights $A force --w-------
check_sysfs_value $A enabled 1
check_sysfs_value $A transition 0
! have_sysfs $A replace || check_sysfs_value $A replace 0
! have_sysfs $A kptest_target/patched || check_sysfs_value $A kptest_target/patched 1
check_cmd "the patched function in sysfs" \
	test -d "$(lp_dir $A)/kptest_target/kptest_hello_show,1"
# the value that it has already, and what is no value
for value in 1 2 x; do
	! { echo $value >"$(lp_dir $A)/enabled"; } 2>/dev/null ||
		[[ $value == 2 ]] || fail "enabled took '$value'"
done
check_sysfs_value $A enabled 1
check_cmd "the module is held by its patch" test "$(cat /sys/module/kptest_hello_a/refcnt)" -gt 0
! rmmod kptest_hello_a 2>/dev/null || fail "an enabled patch was unloaded"
disable_lp $A
unload_lp $A
unload_mod kptest-target
check_result "$(log_load kptest-target)
kptest_target: init
$(log_load_lp $A)
$(log_disable_lp $A)
$(log_unload $A)
$(log_unload kptest-target)
kptest_target: exit"
