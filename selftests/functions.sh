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
CASE_MARK=
TEST_MARK=
ERR_AT=			# the command that ended the script, for the trap

TEST_MODULES=()		# module names that this script loaded, for the filter
LOG_ALSO=()		# more prefixes (extended regexps) of lines to compare
BG_PIDS=()		# processes that have to be gone at the end
BASE_MODULES=
BASE_PATCHES=
BASE_TAINT=0
ENGINE_LOADED=		# require_klp or require_kpatch loaded kpatch.ko
KLP_DEBUG=		# klp_debug_on was successful
CLEANUP_READY=

# taint bits that loading our modules sets: out of tree, unsigned, livepatch
readonly KP_TAINT_OK=$(((1 << 12) | (1 << 13) | (1 << 15)))

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

# diag TEXT...: diagnostics; a TEXT may have several lines
diag() {
	local line

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
	[[ $(id -u) -eq 0 ]] || skip_all "must be run as root"
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

# module_path NAME: the file, wherever the build or the installation put it
module_path() {
	local dir dirs

	IFS=: read -r -a dirs <<<"${KP_TEST_MODULES:-}"
	dirs+=("$TEST_DIR/modules" "$TEST_DIR/../samples" "$TEST_DIR/../core")
	for dir in "${dirs[@]}"; do
		if [[ -n $dir && -f $dir/$1.ko ]]; then
			echo "$dir/$1.ko"
			return 0
		fi
	done
	return 1
}

have_module() {
	module_path "$1" >/dev/null
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

# load_engine: kpatch.ko, to be removed again by the exit trap
load_engine() {
	local path

	[[ ! -d /sys/module/kpatch ]] || return 0
	path=$(module_path kpatch) || return 1
	insmod "$path" || return 1
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

# ---- the kernel log -------------------------------------------------------

# log TEXT: a line of our own in the kernel log
log() {
	echo "$*" >/dev/kmsg
}

# dmesg_since MARK: the log after that line, without time and caller stamps
dmesg_since() {
	dmesg | sed -E -e 's/^<[0-9]+>//' -e 's/^\[ *[0-9]+\.[0-9]+\] ?//' \
		-e 's/^\[ *[CT][0-9]+\] //' |
		awk -v mark="$1" '
			$0 == mark { found = 1; n = 0; next }
			found { line[n++] = $0 }
			END {
				for (i = 0; i < n; i++)
					print line[i]
				exit !found
			}'
}

# what the module loader and the retry work say once in a while is not ours
readonly LOG_NOISE='tainting kernel with TAINT_LIVEPATCH|loading out-of-tree module taints kernel|module verification failed: |livepatch: signaling remaining tasks'

# case_log: the lines of this case that check_result compares
case_log() {
	local mods prefixes

	mods=$(IFS='|' && echo "${TEST_MODULES[*]-}")
	prefixes=$(IFS='|' && echo "${LOG_ALSO[*]-}")
	dmesg_since "$CASE_MARK" |
		grep -E "^(% |livepatch: ${mods:+|($mods): }${prefixes:+|$prefixes})" |
		grep -vE "$LOG_NOISE" || :
}

# show_log_diff EXPECTED GOT
show_log_diff() {
	diag "$(diff -u --label "expected log" --label "kernel log" \
		<(echo "$1") <(echo "$2") || :)"
}

# check_result EXPECTED-LOG: ends the case.  Lines of the expectation that
# start with "(debug) " count only after a successful klp_debug_on.
check_result() {
	local want=$1 got

	if [[ -n $KLP_DEBUG ]]; then
		want=$(sed -e 's/^(debug) //' -e '/^$/d' <<<"$want")
	else
		want=$(sed -e '/^(debug) /d' -e '/^$/d' <<<"$want")
	fi

	if dmesg | grep -qF -- "$CASE_MARK"; then
		got=$(case_log)
		if [[ $got != "$want" ]]; then
			fail "the kernel log is not what was expected"
			show_log_diff "$want" "$got"
		fi
	else
		fail "the kernel log was overrun: the start of this case is gone"
	fi
	check_clean
	case_done
}

# log_load_lp PATCH, log_disable_lp PATCH, log_load MODULE, log_unload MODULE:
# what these steps leave in the log when nothing else happens
log_load_lp() {
	local patch

	patch=$(mod_name "$1")
	echo "% load $*"
	echo "livepatch: enabling patch '$patch'"
	log_transition "$patch" patching
}

log_disable_lp() {
	echo "% disable $1"
	log_transition "$(mod_name "$1")" unpatching
}

log_transition() {
	echo "(debug) livepatch: '$1': initializing $2 transition"
	echo "livepatch: '$1': starting $2 transition"
	echo "(debug) livepatch: '$1': completing $2 transition"
	echo "livepatch: '$1': $2 complete"
}

log_load() {
	echo "% load $*"
}

log_unload() {
	echo "% unload $1"
}

# klp_debug_on: the core's debug messages, where the kernel can switch them;
# those about single tasks come at random and stay off
klp_debug_on() {
	local control=/sys/kernel/debug/dynamic_debug/control

	[[ -w $control ]] && grep -q 'kernel/livepatch/' "$control" || return 0
	echo 'file kernel/livepatch/* +p; func klp_try_switch_task -p' >"$control"
	KLP_DEBUG=1
}

klp_debug_off() {
	[[ -n $KLP_DEBUG ]] || return 0
	echo 'file kernel/livepatch/* -p' >/sys/kernel/debug/dynamic_debug/control
	KLP_DEBUG=
}

# ---- waiting --------------------------------------------------------------

# loop_until COMMAND...: poll until it succeeds, at most KP_TIMEOUT seconds
loop_until() {
	local end=$((SECONDS + KP_TIMEOUT))

	until "$@"; do
		((SECONDS < end)) || return 1
		nap 0.05
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
	local dir

	dir=$(lp_dir "$1")
	loop_until lp_settled "$dir" && return
	show_blockers "$dir"
	die "the transition of $1 did not end in ${KP_TIMEOUT}s"
}

# wait_gone PATCH: until a disabled or replaced patch has left sysfs
wait_gone() {
	local dir

	dir=$(lp_dir "$1")
	loop_until lp_gone "$dir" && return
	show_blockers "$dir"
	die "patch $1 did not leave $KLP_SYSFS in ${KP_TIMEOUT}s"
}

# ---- steps ----------------------------------------------------------------

# try_insmod NAME [PARAMETER...]: the reason of a failure is in INSMOD_ERR
try_insmod() {
	local mod=$1 path

	shift
	path=$(module_path "$mod") || die "$mod.ko is not built"
	TEST_MODULES+=("$(mod_name "$mod")")
	log "% load $mod${*:+ $*}"
	INSMOD_ERR=$(insmod "$path" "$@" 2>&1) && return
	INSMOD_ERR=${INSMOD_ERR##*: }
	return 1
}

# load_mod NAME [PARAMETER...]: a module that is no patch
load_mod() {
	try_insmod "$@" || die "$1 does not load: $INSMOD_ERR"
	wait_until "$1 to be live" grep -q live \
		"/sys/module/$(mod_name "$1")/initstate"
}

# load_lp_nowait NAME [PARAMETER...]: a patch; its transition may still run
load_lp_nowait() {
	try_insmod "$@" || die "patch $1 does not load: $INSMOD_ERR"
	wait_until "$1 in $KLP_SYSFS" test -d "$(lp_dir "$1")"
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
	local mod

	mod=$(mod_name "$1")
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
	echo 0 >"$(lp_dir "$1")/enabled" || die "$1 cannot be disabled"
}

# disable_lp NAME: to the end of its transition
disable_lp() {
	disable_lp_nowait "$1"
	wait_gone "$1"
}

# reverse_lp NAME: turn a running transition round, by the same file
reverse_lp() {
	local enabled

	enabled=$(lp_dir "$1")/enabled
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

# stop_background PID: its exit status is in BG_STATUS
stop_background() {
	local pid keep=()

	kill "$1" 2>/dev/null || :
	# shellcheck disable=SC2034 # for the caller
	BG_STATUS=0
	# shellcheck disable=SC2034
	wait "$1" 2>/dev/null || BG_STATUS=$?
	for pid in ${BG_PIDS[@]+"${BG_PIDS[@]}"}; do
		[[ $pid == "$1" ]] || keep+=("$pid")
	done
	BG_PIDS=(${keep[@]+"${keep[@]}"})
}

# ---- leaving the kernel as it was -----------------------------------------

# our_modules: the out-of-tree modules that are loaded, one name a line
our_modules() {
	awk '$NF ~ /^\(.*O/ { print $1 }' /proc/modules | sort
}

our_patches() {
	local dir

	for dir in "$KLP_SYSFS"/*/; do
		[[ ! -d $dir ]] || basename "$dir"
	done | sort
}

# added OLD NEW: the lines that only NEW has
added() {
	comm -13 <(echo "$1") <(echo "$2") | sed '/^$/d'
}

# check_clean: what the case left is a failure, and is removed
check_clean() {
	local mods patches

	patches=$(added "$BASE_PATCHES" "$(our_patches)")
	mods=$(added "$BASE_MODULES" "$(our_modules)")
	[[ -z $patches ]] || fail "left behind: patch" "${patches//$'\n'/ }"
	[[ -z $mods ]] || fail "left behind: module" "${mods//$'\n'/ }"
	[[ -z $patches$mods ]] || unwind
}

# unwind: take away patches, processes and modules that are not from before
unwind() {
	local pid patch mod round

	for pid in ${BG_PIDS[@]+"${BG_PIDS[@]}"}; do
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	BG_PIDS=()
	while read -r patch; do
		unwind_patch "$KLP_SYSFS/$patch"
	done < <(added "$BASE_PATCHES" "$(our_patches)" | tac)
	for round in 1 2 3 4; do
		while read -r mod; do
			KP_TIMEOUT=5 loop_until mod_unused "$mod" || continue
			rmmod "$mod" 2>/dev/null || :
		done < <(added "$BASE_MODULES" "$(our_modules)")
		[[ -n $(added "$BASE_MODULES" "$(our_modules)") ]] || return 0
		nap 0.2
	done
	diag "cannot be removed (after $round rounds):" \
		"$(added "$BASE_MODULES" "$(our_modules)")"
	return 1
}

unwind_patch() {
	if read_attr "$1/enabled" && [[ $REPLY == 1 ]]; then
		echo 0 >"$1/enabled" 2>/dev/null || :
	fi
	KP_TIMEOUT=30 loop_until lp_gone "$1" && return
	show_blockers "$1"
	diag "${1##*/} is stuck and gets forced; its module will stay"
	echo 1 >"$1/force" 2>/dev/null || :
}

# check_kernel_health: nothing may have gone wrong beside what cases look at
check_kernel_health() {
	local taint new splats

	read_attr /proc/sys/kernel/tainted || return 0
	taint=$REPLY
	new=$((taint & ~BASE_TAINT & ~KP_TAINT_OK))
	if ((new != 0)); then
		diag "FAILED: the kernel got tainted, new bits: $new"
		return 1
	fi
	splats=$(dmesg_since "$TEST_MARK" | grep -E \
		'^(BUG|WARNING|INFO|watchdog): |Oops|general protection fault|Call Trace:|self-detected stall|detected stalls|possible .* detected' || :)
	[[ -n $splats ]] || return 0
	diag "FAILED: the kernel complained:" "$splats"
	return 1
}

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
		[[ -n $CASE_FAILED ]] || fail "${ERR_AT:-the test ended in the middle of this case}"
		diag "kernel log of this case:" "$(case_log)"
		case_done
		status=$KP_FAIL
	elif [[ -n $ERR_AT ]]; then
		diag "FAILED: $ERR_AT"
		status=$KP_FAIL
	fi
	left=$(added "$BASE_PATCHES" "$(our_patches)")$(added "$BASE_MODULES" "$(our_modules)")
	if [[ -n $left || ${#BG_PIDS[@]} -ne 0 ]]; then
		[[ -z $left ]] || diag "cleaning up: ${left//$'\n'/ }"
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

trap 'on_error "$BASH_COMMAND"' ERR
trap 'on_exit $?' EXIT
trap 'ERR_AT="a signal ended the test"; exit 1' INT TERM HUP

# ---- a test's frame -------------------------------------------------------

# setup_config CASES: prints the plan and remembers how the kernel was
setup_config() {
	require_root
	tap_header
	TAP_PLAN=$1
	echo "1..$TAP_PLAN"
	# the kernel drops lines that come too fast, unless told not to
	OLD_DEVKMSG=$(cat /proc/sys/kernel/printk_devkmsg 2>/dev/null || :)
	{ echo on >/proc/sys/kernel/printk_devkmsg; } 2>/dev/null || :
	BASE_MODULES=$(our_modules)
	BASE_PATCHES=$(our_patches)
	BASE_TAINT=$(cat /proc/sys/kernel/tainted)
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
	CASE_MARK="% ===== $TEST_NAME $$ case $TAP_COUNT: $1 ====="
	log "$CASE_MARK"
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
