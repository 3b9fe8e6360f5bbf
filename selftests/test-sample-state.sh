#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# samples/livepatch-state*: a compatible successor takes the state over, others
# are refused.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
require_klp
require_module livepatch-state livepatch-state-v2 livepatch-state-alien
setup_config 5

version=$(cat /proc/version)

check_version() {
	check_eq "/proc/version" "$(cat /proc/version)" "$1"
}

log_refused() {
	log_load "$1"
	echo "livepatch: Livepatch patch ($(mod_name "$1")) is not compatible with the already installed livepatches."
	echo "% load $1 failed: Invalid parameters"
}

start_test "version 1 alone"
load_lp livepatch-state
check_version "livepatch-state: read 1 times"
check_version "livepatch-state: read 2 times"
disable_lp livepatch-state
check_version "$version"
unload_lp livepatch-state
check_version "$version"
check_result "$(log_load_lp livepatch-state)
$(log_disable_lp livepatch-state)
$(log_unload livepatch-state)"

start_test "version 2 takes over from version 1"
load_lp livepatch-state
check_version "livepatch-state: read 1 times"
load_lp livepatch-state-v2
wait_gone livepatch-state
unload_lp livepatch-state
check_version "livepatch-state-v2: read 2 times, 1 of them by root"
check_version "livepatch-state-v2: read 3 times, 2 of them by root"
disable_lp livepatch-state-v2
unload_lp livepatch-state-v2
check_version "$version"
check_result "$(log_load_lp livepatch-state)
$(log_load_lp livepatch-state-v2)
$(log_unload livepatch-state)
$(log_disable_lp livepatch-state-v2)
$(log_unload livepatch-state-v2)"

start_test "version 2 without a predecessor"
load_lp livepatch-state-v2
check_version "livepatch-state-v2: read 1 times, 1 of them by root"
disable_lp livepatch-state-v2
unload_lp livepatch-state-v2
check_version "$version"
check_result "$(log_load_lp livepatch-state-v2)
$(log_disable_lp livepatch-state-v2)
$(log_unload livepatch-state-v2)"

start_test "version 1 cannot follow version 2"
load_lp livepatch-state-v2
check_version "livepatch-state-v2: read 1 times, 1 of them by root"
load_failing_mod livepatch-state
check_version "livepatch-state-v2: read 2 times, 2 of them by root"
disable_lp livepatch-state-v2
unload_lp livepatch-state-v2
check_result "$(log_load_lp livepatch-state-v2)
$(log_refused livepatch-state)
$(log_disable_lp livepatch-state-v2)
$(log_unload livepatch-state-v2)"

start_test "a patch that does not know the state: alone, but not after it"
load_lp livepatch-state-alien
check_version "livepatch-state-alien: nobody counts"
disable_lp livepatch-state-alien
unload_lp livepatch-state-alien
load_lp livepatch-state
check_version "livepatch-state: read 1 times"
load_failing_mod livepatch-state-alien
check_version "livepatch-state: read 2 times"
disable_lp livepatch-state
unload_lp livepatch-state
check_version "$version"
check_result "$(log_load_lp livepatch-state-alien)
$(log_disable_lp livepatch-state-alien)
$(log_unload livepatch-state-alien)
$(log_load_lp livepatch-state)
$(log_refused livepatch-state-alien)
$(log_disable_lp livepatch-state)
$(log_unload livepatch-state)"
