#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What every selftests/test-*.sh stands on.  A test looks like this:
#
#	. "$(dirname "$0")/functions.sh"
#	require_klp
#	setup_config 1			# one case is planned
#
#	start_test "the patch goes on and off"
#	load_lp livepatch-example
#	check_eq "the greeting" "$(cat /proc/example)" "patched"
#	disable_lp livepatch-example
#	unload_lp livepatch-example
#	check_result "$(log_load_lp livepatch-example)
#	$(log_disable_lp livepatch-example)
#	$(log_unload livepatch-example)"
#
# Output is TAP 13; the exit status is 0 (all passed), 1 (something failed) or
# 4 (nothing could be tried, the reason is in the plan line).
#
# check_result compares the whole kernel log since start_test, as far as it
# comes from the live patching core, from modules that the case loaded, or
# from the steps here (lines that start with "% "), with what is expected.
# A case that leaves a patch or a module behind fails, and is cleaned up, so
# that the next one finds the kernel as it was.
#
# Settings from the environment:
#   KP_TEST_MODULES  directories with the modules, separated by colons
#   KP_TIMEOUT       seconds that a transition or a module reference may take
#   KP_ENGINE        who serves /sys/kernel/livepatch: "klp" (the kernel),
#                    "core" (our kpatch.ko) or "auto" (the kernel, else ours)

set -Eeuo pipefail

readonly KP_FAIL=1 KP_SKIP=4

KLP_SYSFS=/sys/kernel/livepatch
KP_TIMEOUT=${KP_TIMEOUT:-90}
KP_ENGINE=${KP_ENGINE:-auto}

TEST_NAME=$(basename "$0" .sh)
TEST_DIR=$(cd "$(dirname "$0")" && pwd)

# the exit trap and check_result rely on these; tests may read them
TAP_STARTED=		# the header is out
TAP_PLAN=0		# cases that setup_config announced
TAP_COUNT=0		# cases that were started
TAP_FAILED=0		# cases that failed
TAP_SKIPPED=0		# cases that were skipped
CASE_OPEN=		# between start_test and its result
CASE_TITLE=
CASE_FAILED=
TEST_MARK=		# the line where the test started
ERR_AT=			# the command that ended the script, for the trap

TEST_MODULES=()		# module names that this script loaded, for the filter
LOG_ALSO=()		# more prefixes (extended regexps) of lines to compare
BG_PIDS=()		# processes that have to be gone at the end
ENGINE_LOADED=		# require_klp or require_kpatch loaded kpatch.ko
CLEANUP_READY=

# a pipe nobody writes to: sleeping needs no process of its own
exec {NAP_FD}<> <(:)

nap() {
	read -r -t "${1:-0.1}" -u "$NAP_FD" _ || :
}

# ---- TAP ------------------------------------------------------------------

tap_header() {
	[[ -z $TAP_STARTED ]] || return 0
	TAP_STARTED=1
	echo "TAP version 13"
}

# diag TEXT...: diagnostics, each TEXT on a line of its own, or on several
diag() {
	local line IFS=$'\n'

	while IFS= read -r line; do
		printf '# %s\n' "$line"
	done <<<"$*"
}

# skip_all REASON: the whole script does not apply here
skip_all() {
	tap_header
	echo "1..0 # SKIP $*"
	exit "$KP_SKIP"
}

# fail REASON: the case has failed, but goes on
fail() {
	CASE_FAILED=1
	diag "FAILED: $*"
}

# die REASON: the case has failed and so have those that come after it
die() {
	fail "$*"
	ERR_AT=
	trap - ERR
	exit "$KP_FAIL"
}

case_done() {
	local verdict=ok

	CASE_OPEN=
	if [[ -n $CASE_FAILED ]]; then
		verdict="not ok"
		TAP_FAILED=$((TAP_FAILED + 1))
	fi
	echo "$verdict $TAP_COUNT $CASE_TITLE${1:+ # $1}"
}

# check_eq WHAT GOT WANTED
check_eq() {
	[[ $2 != "$3" ]] || return 0
	fail "$1: got '$2', expected '$3'"
}

# check_match WHAT GOT REGEXP
check_match() {
	[[ ! $2 =~ $3 ]] || return 0
	fail "$1: got '$2', expected something like '$3'"
}

# check_cmd WHAT COMMAND...: the command must succeed
check_cmd() {
	local what=$1

	shift
	"$@" || fail "$what: '$*' failed"
}

# ---- what the test needs --------------------------------------------------

require_root() {
	[[ $EUID -eq 0 ]] || skip_all "must be run as root"
}

# require_file PATH REASON
require_file() {
	[[ -e $1 ]] || skip_all "${2:-$1 does not exist}"
}

have_cmd() {
	command -v "$1" >/dev/null
}

require_cmd() {
	local cmd

	for cmd; do
		have_cmd "$cmd" || skip_all "$cmd is not installed"
	done
}

# mod_name FILE-NAME: what the kernel calls that module
mod_name() {
	local name=${1##*/}

	name=${name%.ko}
	echo "${name//-/_}"
}

# find_module NAME: its file in REPLY, wherever the build or the installation
# put it
find_module() {
	local dir dirs

	IFS=: read -r -a dirs <<<"${KP_TEST_MODULES:-}"
	dirs+=("$TEST_DIR/modules" "$TEST_DIR/../samples" "$TEST_DIR/../core")
	for dir in "${dirs[@]}"; do
		if [[ -n $dir && -f $dir/$1.ko ]]; then
			REPLY=$dir/$1.ko
			return 0
		fi
	done
	return 1
}

module_path() {
	find_module "$1" && echo "$REPLY"
}

have_module() {
	find_module "$1"
}

# require_module NAME...: fails, and does not skip: a build that lost a module
# must not look like a kernel that lacks a feature
require_module() {
	local mod

	for mod; do
		have_module "$mod" && continue
		tap_header
		diag "$mod.ko is missing: build the modules first ('make modules')"
		echo "Bail out! $mod.ko is not built"
		trap - ERR
		exit "$KP_FAIL"
	done
}

# load_engine: kpatch.ko, to be removed again by the exit trap.  Some samples
# patch functions that can have no guard before 3.19; nothing is traced there.
load_engine() {
	[[ ! -d /sys/module/kpatch ]] || return 0
	find_module kpatch && insmod "$REPLY" allow_unguarded=1 || return 1
	ENGINE_LOADED=1
}

# require_klp: the mainline API, from the kernel or from our core.  Sets
# KP_ENGINE to "klp" or "core".
require_klp() {
	require_root
	if [[ $KP_ENGINE == klp || ($KP_ENGINE == auto && -d $KLP_SYSFS) ]]; then
		[[ -d $KLP_SYSFS ]] ||
			skip_all "this kernel has no CONFIG_LIVEPATCH"
	else
		have_module kpatch || [[ -d /sys/module/kpatch ]] ||
			skip_all "this kernel has no CONFIG_LIVEPATCH, and there is no kpatch.ko"
		load_engine || skip_all "kpatch.ko cannot be loaded"
	fi
	if grep -q '\<klp_enable_patch\>.*\[kpatch\]' /proc/kallsyms; then
		KP_ENGINE=core
	elif [[ $KP_ENGINE != core && -d $KLP_SYSFS ]]; then
		KP_ENGINE=klp
	else
		drop_engine
		skip_all "kpatch.ko has no klp front end on this kernel"
	fi
}

# require_kpatch: the kpatch API, that is kpatch.ko
require_kpatch() {
	require_root
	have_module kpatch || [[ -d /sys/module/kpatch ]] ||
		skip_all "kpatch.ko is not built"
	load_engine || skip_all "kpatch.ko cannot be loaded"
	LOG_ALSO+=('kpatch: ')
}

drop_engine() {
	[[ -n $ENGINE_LOADED ]] || return 0
	rmmod kpatch || return 1
	ENGINE_LOADED=
}

# ---- waiting --------------------------------------------------------------

# loop_until COMMAND...: poll until it succeeds, at most KP_TIMEOUT seconds
loop_until() {
	local end=$((SECONDS + KP_TIMEOUT))

	until "$@"; do
		((SECONDS < end)) || return 1
		nap 0.03
	done
}

# wait_until WHAT COMMAND...: the same, and the script ends if it never does
wait_until() {
	local what=$1

	shift
	loop_until "$@" || die "waited ${KP_TIMEOUT}s in vain for $what"
}

lp_dir() {
	echo "$KLP_SYSFS/$(mod_name "$1")"
}

# read_attr FILE: its line in REPLY, without a process; fails if it is gone
read_attr() {
	{ IFS= read -r REPLY <"$1"; } 2>/dev/null
}

lp_settled() {
	read_attr "$1/transition" && [[ $REPLY == 0 ]]
}

lp_gone() {
	[[ ! -d $1 ]]
}

mod_unused() {
	[[ ! -d /sys/module/$1 ]] || { read_attr "/sys/module/$1/refcnt" && [[ $REPLY == 0 ]]; }
}

mod_live() {
	read_attr "/sys/module/$1/initstate" && [[ $REPLY == live ]]
}

# show_blockers PATCH-DIR: which tasks a transition is waiting for
show_blockers() {
	local goal pid state

	read_attr "$1/enabled" || return 0
	goal=$REPLY
	for pid in /proc/[0-9]*/task/[0-9]*; do
		read_attr "$pid/patch_state" || continue
		state=$REPLY
		[[ $state != -1 && $state != "$goal" ]] || continue
		read_attr "$pid/comm" || continue
		diag "blocked by task ${pid##*/} ($REPLY):" \
			"$(cat "$pid/stack" 2>/dev/null || :)"
	done
}

# wait_transition PATCH: until it is complete
wait_transition() {
	local dir=$KLP_SYSFS/${1//-/_}

	loop_until lp_settled "$dir" && return
	show_blockers "$dir"
	die "the transition of $1 did not end in ${KP_TIMEOUT}s"
}

# wait_gone PATCH: until a disabled or replaced patch has left sysfs
wait_gone() {
	local dir=$KLP_SYSFS/${1//-/_}

	loop_until lp_gone "$dir" && return
	show_blockers "$dir"
	die "patch $1 did not leave $KLP_SYSFS in ${KP_TIMEOUT}s"
}

# ---- steps ----------------------------------------------------------------

# try_insmod NAME [PARAMETER...]: the reason of a failure is in INSMOD_ERR
try_insmod() {
	local mod=$1 path

	shift
	find_module "$mod" || die "$mod.ko is not built"
	path=$REPLY
	TEST_MODULES+=("${mod//-/_}")
	log "% load $mod${*:+ $*}"
	INSMOD_ERR=$(insmod "$path" "$@" 2>&1) && return
	INSMOD_ERR=${INSMOD_ERR##*: }
	return 1
}

# load_mod NAME [PARAMETER...]: a module that is no patch
load_mod() {
	try_insmod "$@" || die "$1 does not load: $INSMOD_ERR"
	wait_until "$1 to be live" mod_live "${1//-/_}"
}

# load_lp_nowait NAME [PARAMETER...]: a patch; its transition may still run
load_lp_nowait() {
	try_insmod "$@" || die "patch $1 does not load: $INSMOD_ERR"
	wait_until "$1 in $KLP_SYSFS" test -d "$KLP_SYSFS/${1//-/_}"
}

# load_lp NAME [PARAMETER...]: a patch, to the end of its transition
load_lp() {
	load_lp_nowait "$@"
	wait_transition "$1"
}

# load_failing_mod NAME [PARAMETER...]: must not load; the log gets the reason
load_failing_mod() {
	if try_insmod "$@"; then
		fail "$1 was loaded, but should have been refused"
		return
	fi
	log "% load $1 failed: $INSMOD_ERR"
}

# unload_mod NAME
unload_mod() {
	local mod=${1//-/_}

	TEST_MODULES+=("$mod")
	wait_until "the last user of $1" mod_unused "$mod"
	log "% unload $1"
	rmmod "$mod" || die "$1 does not unload"
}

# unload_lp NAME: a patch that was disabled or replaced before
unload_lp() {
	unload_mod "$1"
}

# disable_lp_nowait NAME
disable_lp_nowait() {
	log "% disable $1"
	echo 0 >"$KLP_SYSFS/${1//-/_}/enabled" || die "$1 cannot be disabled"
}

# disable_lp NAME: to the end of its transition
disable_lp() {
	disable_lp_nowait "$1"
	wait_gone "$1"
}

# reverse_lp NAME: turn a running transition round, by the same file
reverse_lp() {
	local enabled=$KLP_SYSFS/${1//-/_}/enabled

	read_attr "$enabled" || die "$1 is not there to be reversed"
	log "% reverse $1"
	echo $((1 - REPLY)) >"$enabled" || die "$1 cannot be reversed"
}

# set_param MODULE PARAMETER VALUE: while the module is loaded
set_param() {
	local file

	file=/sys/module/$(mod_name "$1")/parameters/$2
	log "% set $1 $2=$3"
	echo "$3" >"$file" || die "cannot set $2 of $1 to $3"
}

# read_target FILE: one of the files of kptest_target
read_target() {
	cat "/sys/kernel/debug/kptest_target/$1"
}

# set_pre_patch_ret MODULE VALUE
set_pre_patch_ret() {
	set_param "$1" pre_patch_ret "$2"
}

# check_sysfs_value PATCH FILE VALUE: FILE is relative to the patch's folder
check_sysfs_value() {
	local got

	got=$(cat "$(lp_dir "$1")/$2" 2>/dev/null) || got="(no such file)"
	check_eq "$(lp_dir "$1")/$2" "$got" "$3"
}

# check_sysfs_rights PATCH FILE RIGHTS: as stat prints them, -rw-r--r--
check_sysfs_rights() {
	local got

	got=$(stat -c %A "$(lp_dir "$1")/$2" 2>/dev/null) || got="(no such file)"
	check_eq "rights of $(lp_dir "$1")/$2" "$got" "$3"
}

# have_sysfs PATCH FILE: attributes came one by one over the versions
have_sysfs() {
	[[ -e $(lp_dir "$1")/$2 ]]
}

# background COMMAND...: in BG_PID; killed at the end of the script at latest
background() {
	"$@" &
	BG_PID=$!
	BG_PIDS+=("$BG_PID")
}

# runs PID: it has not ended yet.  "kill -0" also succeeds for one that has ended
# and that bash has not waited for, which it may put off until it is asked to wait.
runs() {
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ $stat != *") "[ZX]* ]]
}

# wait_background PID: until it has ended; its exit status is in BG_STATUS
wait_background() {
	local pid keep=()

	# shellcheck disable=SC2034 # for the caller
	BG_STATUS=0
	# shellcheck disable=SC2034
	wait "$1" 2>/dev/null || BG_STATUS=$?
	for pid in ${BG_PIDS[@]+"${BG_PIDS[@]}"}; do
		[[ $pid == "$1" ]] || keep+=("$pid")
	done
	BG_PIDS=(${keep[@]+"${keep[@]}"})
}

# stop_background PID: the same, but ask it to end
stop_background() {
	kill "$1" 2>/dev/null || :
	wait_background "$1"
}

# ---- the end of a script ---------------------------------------------------

on_error() {
	ERR_AT="'$1' failed at ${BASH_SOURCE[1]##*/}:${BASH_LINENO[0]}"
}

on_exit() {
	local status=$1 left

	set +e
	trap - ERR EXIT
	if [[ -z $CLEANUP_READY ]]; then
		drop_engine
		exit "$status"
	fi
	if [[ -n $CASE_OPEN ]]; then
		[[ -n $CASE_FAILED && -z $ERR_AT ]] ||
			fail "${ERR_AT:-the test ended in the middle of this case}"
		diag "the log of the case so far:"
		diag "$(our_log "$LOG_MARK")"
		case_done
		status=$KP_FAIL
	elif [[ -n $ERR_AT ]]; then
		diag "FAILED: $ERR_AT"
		status=$KP_FAIL
	fi
	left=$(added "$BASE_PATCHES" "$(our_patches)")$(added "$BASE_MODULES" "$(our_modules)")
	if [[ -n $left || ${#BG_PIDS[@]} -ne 0 ]]; then
		# a case that has ended should have seen to that
		[[ -z $left || $status -ne 0 ]] || {
			diag "FAILED: left behind: ${left//$'\n'/ }"
			status=$KP_FAIL
		}
		unwind || status=$KP_FAIL
	fi
	while ((TAP_COUNT < TAP_PLAN)); do
		TAP_COUNT=$((TAP_COUNT + 1))
		TAP_FAILED=$((TAP_FAILED + 1))
		echo "not ok $TAP_COUNT was not run"
	done
	((TAP_COUNT == TAP_PLAN)) || diag "FAILED: $TAP_PLAN cases planned, $TAP_COUNT run"
	check_kernel_health || status=$KP_FAIL
	restore_config
	drop_engine || status=$KP_FAIL
	[[ $status -ne 0 || ($TAP_FAILED -eq 0 && $TAP_COUNT -eq $TAP_PLAN) ]] || status=$KP_FAIL
	[[ $status -ne 0 || $TAP_COUNT -eq 0 || $TAP_SKIPPED -lt $TAP_COUNT ]] || status=$KP_SKIP
	diag "$TEST_NAME: $((TAP_COUNT - TAP_FAILED - TAP_SKIPPED)) passed, $TAP_FAILED failed, $TAP_SKIPPED skipped"
	exit "$status"
}

# shellcheck source=lib-log.sh
. "${BASH_SOURCE[0]%/*}/lib-log.sh"
# shellcheck source=lib-clean.sh
. "${BASH_SOURCE[0]%/*}/lib-clean.sh"

trap 'on_error "$BASH_COMMAND"' ERR
trap 'on_exit $?' EXIT
trap 'ERR_AT="a signal ended the test"; exit 1' INT TERM HUP

# ---- a test's frame -------------------------------------------------------

# setup_config CASES: prints the plan and remembers how the kernel was
setup_config() {
	require_root
	tap_header
	[[ -x $LOG_PROGRAM ]] || {
		echo "Bail out! load/bin/kp-log is not built: run 'make -C selftests programs'"
		trap - ERR
		exit "$KP_FAIL"
	}
	TAP_PLAN=$1
	echo "1..$TAP_PLAN"
	# the kernel drops lines that come too fast, unless told not to
	OLD_DEVKMSG=$(cat /proc/sys/kernel/printk_devkmsg 2>/dev/null || :)
	{ echo on >/proc/sys/kernel/printk_devkmsg; } 2>/dev/null || :
	remember_kernel
	TEST_MARK="% ===== $TEST_NAME $$ ====="
	log "$TEST_MARK"
	CLEANUP_READY=1
}

restore_config() {
	klp_debug_off
	[[ -z ${OLD_DEVKMSG:-} ]] ||
		{ echo "$OLD_DEVKMSG" >/proc/sys/kernel/printk_devkmsg; } 2>/dev/null
}

# start_test TITLE
start_test() {
	[[ -z $CASE_OPEN ]] || die "start_test without an end of the case before"
	TAP_COUNT=$((TAP_COUNT + 1))
	CASE_OPEN=1
	CASE_FAILED=
	CASE_TITLE=$1
	TEST_MODULES=()
	new_log_mark "case $TAP_COUNT: $1"
}

# skip_test REASON: ends the case
skip_test() {
	TAP_SKIPPED=$((TAP_SKIPPED + 1))
	check_clean
	if [[ -n $CASE_FAILED ]]; then
		TAP_SKIPPED=$((TAP_SKIPPED - 1))
		case_done
	else
		case_done "SKIP $*"
	fi
}
