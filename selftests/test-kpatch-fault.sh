#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 1200
# Each thing that can fail does so in turn; the system is as before each time.
#
# KP_FAULT_MODELS  the models to try it in, default all of them
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_module kpatch-test-target kpatch-test-patch1 kpatch-test-patch2
read -ra models <<<"${KP_FAULT_MODELS:-${KPATCH_MODELS[*]}}"
setup_config $((4 * ${#models[@]}))
((${#models[@]} == ${#KPATCH_MODELS[@]})) ||
	diag "a subset: models ${models[*]} of ${KPATCH_MODELS[*]}"

# check_state WHAT VERSION FUNCTIONS: the version that runs, redirected calls
check_state() {
	check_eq "$1: the version" "$(kt version)" "$2"
	check_eq "$1: redirected functions" "$(redirected | grep -c '^kt_' || :)" "$3"
}

load_new() {
	try_insmod kpatch-test-target
}

# load_late: fails if the patch was not applied
load_late() {
	try_insmod kpatch-test-target || return 1
	[[ $(kt version) == 1 ]]
}

for model in "${models[@]}"; do
	set_model "$model"
	limits 15000 20

	start_test "$model: enable"
	load_mod kpatch-test-target
	check_unchanged() { check_state "$1" 0 0; }
	go_back() { kpatch_unload kpatch-test-patch1; }
	inject try_insmod kpatch-test-patch1
	kpatch_unload kpatch-test-patch1
	unload_mod kpatch-test-target
	end_test

	start_test "$model: disable"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1
	check_unchanged() { check_state "$1" 1 4; }
	go_back() { kpatch_set kpatch-test-patch1 1 || die "not on again"; }
	inject kpatch_set kpatch-test-patch1 0
	unload_mod kpatch-test-patch1
	unload_mod kpatch-test-target
	end_test

	start_test "$model: replace"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1
	check_unchanged() { check_state "$1" 1 4; }
	go_back() {
		kpatch_unload kpatch-test-patch2
		kpatch_set kpatch-test-patch1 1 || die "not on again"
	}
	inject try_insmod kpatch-test-patch2 replace=1 only=kt_g
	check_state "replaced" 2 1
	kpatch_unload kpatch-test-patch2
	unload_mod kpatch-test-patch1
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a module comes late"
	kpatch_load kpatch-test-patch1
	check_unchanged() {
		[[ -d /sys/module/kpatch_test_target ]] || return 0
		check_state "$1" 0 0
		log_says 'runs UNPATCHED' ||
			fail "$1: nothing was said"
		unload_mod kpatch-test-target
	}
	go_back() { unload_mod kpatch-test-target; }
	inject load_late
	check_state "late" 1 4
	unload_mod kpatch-test-target
	kpatch_unload kpatch-test-patch1
	end_test
done
