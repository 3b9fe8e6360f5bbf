#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 1200
#
# Each thing that can fail in our core's klp front end does so in turn; the
# system is as before each time.

# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_klp
[[ $KP_ENGINE == core ]] || skip_all "only our core can be made to fail"
require_module kptest-target kptest-hello-a kptest-load-b
setup_config 4

T=kptest-target
A=kptest-hello-a
B=kptest-load-b

# load_to_end PATCH [PARAMETER...]: fails if it does not load
load_to_end() {
	try_insmod "$@" || return 1
	wait_transition "$1"
}

# off_to_end PATCH: fails if it cannot be disabled
off_to_end() {
	{ echo 0 >"$(lp_dir "$1")/enabled"; } 2>/dev/null || return 1
	wait_gone "$1"
}

off_and_out() {
	off_to_end "$1" || die "$1 cannot be disabled"
	unload_lp "$1"
}

# check_state WHAT HELLO PAIR FUNCTIONS: what runs, and redirected functions
check_state() {
	check_eq "$1: hello" "$(read_target hello)" "hello: $2"
	check_eq "$1: pair" "$(read_target pair)" "$3"
	check_eq "$1: redirected functions" "$(redirected | grep -c '^kptest_' || :)" "$4"
}

# check_gone WHAT PATCH
check_gone() {
	check_cmd "$1: no directory" test ! -d "$(lp_dir "$2")"
	check_cmd "$1: no module" test ! -d "/sys/module/$(mod_name "$2")"
}

start_test "enable"
load_mod $T
check_unchanged() {
	check_state "$1" original "outer=old inner=old,old" 0
	check_gone "$1" $A
}
go_back() { off_and_out $A; }
inject load_to_end $A
check_state "in the end" "patched by a" "outer=old inner=old,old" 1
off_and_out $A
unload_mod $T
end_test

start_test "disable"
load_mod $T
load_lp $A
check_unchanged() {
	check_state "$1" "patched by a" "outer=old inner=old,old" 1
	check_sysfs_value $A enabled 1
	check_sysfs_value $A transition 0
}
go_back() {
	unload_lp $A
	load_lp $A
}
inject off_to_end $A
check_state "in the end" original "outer=old inner=old,old" 0
unload_lp $A
unload_mod $T
end_test

start_test "replace"
load_mod $T
load_lp $A
check_unchanged() {
	check_state "$1" "patched by a" "outer=old inner=old,old" 1
	check_gone "$1" $B
	check_sysfs_value $A enabled 1
}
go_back() {
	wait_gone $A
	off_and_out $B
	unload_lp $A
	load_lp $A
}
inject load_to_end $B gen=3 replace=1
wait_gone $A
check_state "in the end" original "outer=new:3 inner=new:3,new:3" 2
unload_lp $A
off_and_out $B
unload_mod $T
end_test

start_test "a module comes late"
load_lp $A
check_unchanged() {
	check_cmd "$1: no module" test ! -d /sys/module/kptest_target
	check_sysfs_value $A enabled 1
	check_sysfs_value $A kptest_target/patched 0
}
go_back() { unload_mod $T; }
inject try_insmod $T
check_state "in the end" "patched by a" "outer=old inner=old,old" 1
unload_mod $T
off_and_out $A
end_test
