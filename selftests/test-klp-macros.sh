#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# <linux/livepatch_helpers.h> and klp_find_section_by_name().

. "$(dirname "$0")/functions.sh"

require_klp
have_module kptest-macros || [[ $KP_ENGINE == core ]] ||
	skip_all "this kernel has no linux/livepatch_helpers.h"
require_module kptest-macros
PROGRAM=$TEST_DIR/load/bin/kp-syscall
require_file "$PROGRAM" "load/bin/kp-syscall is not built"
setup_config 3

P=kptest-macros

# report PARAMETER
report() {
	cat "/sys/module/kptest_macros/parameters/$1"
}

# each function of the patch, called with 1, 2, ... as its arguments
readonly NUMBERS="getsid=124 getpriority=140 setpriority=141 vmsplice=278
	remap_file_pages=216 process_vm_readv=310"

# call NAME ARGUMENT...
call() {
	local name=$1 pair

	shift
	for pair in $NUMBERS; do
		[[ ${pair%=*} != "$name" ]] || "$PROGRAM" "${pair#*=}" "$@"
	done
}

check_original() {
	check_eq "getsid" "$(call getsid $$)" "$(ps -o sess= -p $$ | tr -d ' ')"
	check_eq "vmsplice" "$(call vmsplice 999 0 0 0)" "Bad file descriptor"
}

start_test "KLP_SYSCALL_DEFINE1 to KLP_SYSCALL_DEFINE6"
check_original
load_lp $P
check_eq "1 argument" "$(call getsid 1)" 100001
check_eq "1 argument, negative, upper half of the register clear" \
	"$(call getsid 0xfffffffb)" 99995
check_eq "2 arguments" "$(call getpriority 1 2)" 21
check_eq "3 arguments" "$(call setpriority 1 2 3)" 321
check_eq "4 arguments" "$(call vmsplice 1 2 3 4)" 4321
check_eq "5 arguments" "$(call remap_file_pages 1 2 3 4 5)" 54321
check_eq "6 arguments" "$(call process_vm_readv 1 2 3 4 5 6)" 654321
disable_lp $P
unload_lp $P
check_original
check_result "$(log_load_lp $P)
$(log_disable_lp $P)
$(log_unload $P)"

start_test "KLP_*_CALLBACK and klp_find_section_by_name()"
load_lp $P
check_eq "size of the section" "$(report callback_bytes)" 32
check_eq "callbacks" "$(report calls)" "pre_patch post_patch pre_unpatch post_unpatch"
check_eq "a section that is not there" "$(report no_section)" "nothing 0"
bytes=$(report plain_bytes)
if [[ $KP_ENGINE == klp ]]; then
	check_eq "a section without symbols" "$bytes" 40
else
	# our core has to guess where it ends
	((bytes >= 40 && bytes < 4096)) || fail "a section of 40 bytes has $bytes"
fi
disable_lp $P
unload_lp $P
check_result "$(log_load_lp $P)
$(log_disable_lp $P)
$(log_unload $P)"

start_test "KLP_STATIC_CALL"
load_lp $P
check_eq "before" "$(report static_call_before)" 3
check_eq "after an update" "$(report static_call_after)" 4
disable_lp $P
unload_lp $P
check_result "$(log_load_lp $P)
$(log_disable_lp $P)
$(log_unload $P)"
