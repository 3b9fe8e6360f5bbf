#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# samples/livepatch-callbacks: which callbacks run for what, in which order.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
require_klp
require_module livepatch-callbacks livepatch-callbacks-mod livepatch-callbacks-busy
setup_config 6

lp=livepatch-callbacks
mod=livepatch-callbacks-mod
busy=livepatch-callbacks-busy

# cb WHAT [OBJECT STATE]: the line of a callback, of vmlinux without an object
cb() {
	echo "livepatch_callbacks: $1 ${2:+livepatch_callbacks_$2 ($3)}" |
		sed 's/ $/ vmlinux/'
}

# cbs WHAT OBJECT: of vmlinux and of an object that is there
cbs() {
	cb "$1"
	[[ -z ${2:-} ]] || cb "$1" "$2" live
}

# log_on OBJECT [PARAMETER...], log_off OBJECT: the log of the whole patch
log_on() {
	local object=$1

	shift
	echo "% load $lp${*:+ $*}"
	echo "livepatch: enabling patch 'livepatch_callbacks'"
	echo "(debug) livepatch: 'livepatch_callbacks': initializing patching transition"
	cbs pre_patch "$object"
	echo "livepatch: 'livepatch_callbacks': starting patching transition"
	echo "(debug) livepatch: 'livepatch_callbacks': completing patching transition"
	cbs post_patch "$object"
	echo "livepatch: 'livepatch_callbacks': patching complete"
}

log_off() {
	echo "% disable $lp"
	echo "(debug) livepatch: 'livepatch_callbacks': initializing unpatching transition"
	cbs pre_unpatch "$1"
	echo "livepatch: 'livepatch_callbacks': starting unpatching transition"
	echo "(debug) livepatch: 'livepatch_callbacks': completing unpatching transition"
	cbs post_unpatch "$1"
	echo "livepatch: 'livepatch_callbacks': unpatching complete"
	log_unload "$lp"
}

log_coming() {
	log_load "$mod"
	echo "livepatch: applying patch 'livepatch_callbacks' to loading module 'livepatch_callbacks_mod'"
	cb pre_patch mod coming
	cb post_patch mod coming
}

log_going() {
	log_unload "$mod"
	cb pre_unpatch mod going
	echo "livepatch: reverting patch 'livepatch_callbacks' on unloading module 'livepatch_callbacks_mod'"
	cb post_unpatch mod going
}

# check_greeting FROM
check_greeting() {
	check_eq greeting "$(cat /sys/module/livepatch_callbacks_mod/parameters/greeting)" "hello from the $1"
}

start_test "the target is there before and after the patch"
load_mod "$mod"
check_greeting module
load_lp "$lp"
check_greeting patch
disable_lp "$lp"
check_greeting module
unload_lp "$lp"
check_greeting module
unload_mod "$mod"
check_result "$(log_load "$mod")
$(log_on mod)
$(log_off mod)
$(log_unload "$mod")"

start_test "the target comes while the patch is there, and goes"
load_lp "$lp"
load_mod "$mod"
check_greeting patch
unload_mod "$mod"
load_mod "$mod"
check_greeting patch
disable_lp "$lp"
check_greeting module
unload_lp "$lp"
unload_mod "$mod"
check_result "$(log_on "")
$(log_coming)
$(log_going)
$(log_coming)
$(log_off mod)
$(log_unload "$mod")"

start_test "a patch that refuses a module that is there"
load_mod "$mod"
load_failing_mod "$lp" veto=livepatch_callbacks_mod
check_greeting module
unload_mod "$mod"
check_result "$(log_load "$mod")
% load $lp veto=livepatch_callbacks_mod
livepatch: enabling patch 'livepatch_callbacks'
(debug) livepatch: 'livepatch_callbacks': initializing patching transition
$(cbs pre_patch mod)
livepatch: pre-patch callback failed for object 'livepatch_callbacks_mod'
livepatch: failed to enable patch 'livepatch_callbacks'
(debug) livepatch: 'livepatch_callbacks': canceling patching transition, going to unpatch
(debug) livepatch: 'livepatch_callbacks': completing unpatching transition
$(cbs post_unpatch)
livepatch: 'livepatch_callbacks': unpatching complete
% load $lp failed: Operation not permitted
$(log_unload "$mod")"

start_test "an enabled patch that refuses a module that comes"
load_lp "$lp" veto=livepatch_callbacks_mod
load_failing_mod "$mod"
check_eq "the module" "$(grep -c '^livepatch_callbacks_mod ' /proc/modules || :)" 0
disable_lp "$lp"
unload_lp "$lp"
check_result "$(log_on "" veto=livepatch_callbacks_mod)
$(log_load "$mod")
livepatch: applying patch 'livepatch_callbacks' to loading module 'livepatch_callbacks_mod'
$(cb pre_patch mod coming)
livepatch: pre-patch callback failed for object 'livepatch_callbacks_mod'
livepatch: patch 'livepatch_callbacks' failed for module 'livepatch_callbacks_mod', refusing to load module 'livepatch_callbacks_mod'
% load $mod failed: Operation not permitted
$(log_off "")"

start_test "a task in the old function: post_patch has to wait"
load_mod "$busy"
load_lp_nowait "$lp"
nap 3
check_sysfs_value "$lp" enabled 1
check_sysfs_value "$lp" transition 1
check_eq "the log, as long as it waits" "$(our_log "$LOG_MARK" | grep -c post_patch || :)" 0
set_param "$busy" busy 0
wait_transition "$lp"
disable_lp "$lp"
unload_lp "$lp"
unload_mod "$busy"
check_result "$(log_load "$busy")
$(log_on busy | sed "/starting patching/a % set $busy busy=0")
$(log_off busy)
$(log_unload "$busy")"

start_test "the same, and the patch is turned back: post_patch never runs"
load_mod "$busy"
load_lp_nowait "$lp"
nap 2
check_sysfs_value "$lp" transition 1
reverse_lp "$lp"
wait_gone "$lp"
unload_lp "$lp"
check_eq "the task" "$(cat /sys/module/livepatch_callbacks_busy/parameters/busy)" Y
unload_mod "$busy"
check_result "$(log_load "$busy")
$(log_on busy | sed '/starting patching/q')
% reverse $lp
(debug) livepatch: 'livepatch_callbacks': reversing transition from patching to unpatching
livepatch: 'livepatch_callbacks': starting unpatching transition
(debug) livepatch: 'livepatch_callbacks': completing unpatching transition
$(cbs post_unpatch busy)
livepatch: 'livepatch_callbacks': unpatching complete
$(log_unload "$lp")
$(log_unload "$busy")"
