#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# samples/livepatch-shadow-*: a leak, a fix with shadow variables, and one that
# collects them.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-leaks.sh
. "$(dirname "$0")/lib-leaks.sh"
require_klp
require_module livepatch-shadow-mod livepatch-shadow-fix1 livepatch-shadow-fix2
setup_config 6

mod=livepatch-shadow-mod
fix1=livepatch-shadow-fix1
fix2=livepatch-shadow-fix2

open() {
	echo "$1" >/sys/module/livepatch_shadow_mod/parameters/open
}

close() {
	echo "$1" >/sys/module/livepatch_shadow_mod/parameters/close
}

# check_counts WHEN SESSIONS LOGS
check_counts() {
	local dir=/sys/module/livepatch_shadow_mod/parameters

	check_eq "sessions, $1" "$(cat $dir/sessions)" "$2"
	check_eq "logs, $1" "$(cat $dir/logs)" "$3"
}

start_test "without a fix all logs leak"
load_mod "$mod"
check_counts "at first" 0 0
open 3
check_counts "open" 3 3
close 3
check_counts "closed" 0 3
unload_mod "$mod"
check_result "$(log_load "$mod")
$(log_unload "$mod")"

start_test "fix1: sessions from before leak, new ones do not"
load_mod "$mod"
open 2
load_lp "$fix1"
open 3
check_counts "open" 5 5
close 1
check_counts "closed one from before" 4 5
close 2
check_counts "closed the other and a new one" 2 4
close 2
check_counts "closed all" 0 2
disable_lp "$fix1"
unload_lp "$fix1"
open 1
close 1
check_counts "without the fix again" 0 3
unload_mod "$mod"
check_result "$(log_load "$mod")
$(log_load_lp "$fix1")
$(log_disable_lp "$fix1")
$(log_unload "$fix1")
$(log_unload "$mod")"

start_test "fix1: what is open when it goes leaks again"
load_mod "$mod"
load_lp "$fix1"
open 2
disable_lp "$fix1"
unload_lp "$fix1"
close 2
check_counts "closed" 0 2
# sessions at the same addresses must not find old shadow variables
load_lp "$fix1"
open 20
close 20
check_counts "twenty more with the fix" 0 2
disable_lp "$fix1"
unload_lp "$fix1"
unload_mod "$mod"
check_result "$(log_load "$mod")
$(log_load_lp "$fix1")
$(log_disable_lp "$fix1")
$(log_unload "$fix1")
$(log_load_lp "$fix1")
$(log_disable_lp "$fix1")
$(log_unload "$fix1")
$(log_unload "$mod")"

start_test "fix2 takes over from fix1, and leaves nothing"
load_mod "$mod"
load_lp "$fix1"
open 2
load_lp "$fix2"
wait_gone "$fix1"
unload_lp "$fix1"
open 2
check_counts "open" 4 4
close 1
check_counts "closed one of fix1" 3 3
disable_lp "$fix2"
check_counts "all logs are collected" 3 0
unload_lp "$fix2"
close 3
check_counts "closed" 0 0
unload_mod "$mod"
check_result "$(log_load "$mod")
$(log_load_lp "$fix1")
$(log_load_lp "$fix2")
$(log_unload "$fix1")
$(log_disable_lp "$fix2")
$(log_unload "$fix2")
$(log_unload "$mod")"

start_test "fix2, and the target goes and comes back"
load_lp "$fix2"
load_mod "$mod"
open 3
check_counts "open" 3 3
unload_mod "$mod"
load_mod "$mod"
check_counts "loaded again" 0 0
open 2
close 2
check_counts "closed" 0 0
unload_mod "$mod"
disable_lp "$fix2"
unload_lp "$fix2"
check_result "$(log_load_lp "$fix2")
$(log_load "$mod")
livepatch: applying patch 'livepatch_shadow_fix2' to loading module 'livepatch_shadow_mod'
$(log_unload "$mod")
livepatch: reverting patch 'livepatch_shadow_fix2' on unloading module 'livepatch_shadow_mod'
$(log_load "$mod")
livepatch: applying patch 'livepatch_shadow_fix2' to loading module 'livepatch_shadow_mod'
$(log_unload "$mod")
livepatch: reverting patch 'livepatch_shadow_fix2' on unloading module 'livepatch_shadow_mod'
$(log_disable_lp "$fix2")
$(log_unload "$fix2")"

start_test "sessions open and close while the fixes come and go"
# The loop sleeps a little: under QEMU's single-threaded TCG a CPU that is always
# busy delays each interrupt between CPUs by 100 ms, and 6.12 needs a thousand of
# them for every transition.
churn() {
	trap 'exit 0' TERM
	while nap 0.01; do
		open 8
		close 8
	done
}
load_mod "$mod"
background churn
churn_pid=$BG_PID
for _ in 1 2 3; do
	load_lp "$fix1"
	load_lp "$fix2"
	wait_gone "$fix1"
	unload_lp "$fix1"
	disable_lp "$fix2"
	unload_lp "$fix2"
done
stop_background "$churn_pid"
close 100
unload_mod "$mod"
one_round="$(log_load_lp "$fix1")
$(log_load_lp "$fix2")
$(log_unload "$fix1")
$(log_disable_lp "$fix2")
$(log_unload "$fix2")"
check_result "$(log_load "$mod")
$one_round
$one_round
$one_round
$(log_unload "$mod")"

# the target's leaks are no one else's business
kmemleak_forget
