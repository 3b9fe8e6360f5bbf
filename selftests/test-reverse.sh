#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A task stays inside a patched function, so that a transition cannot end:
# then it can be turned round, and nobody else is kept waiting.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-block kptest-hello-a
setup_config 6

T=kptest-target
P=kptest-block
TARGET=/sys/kernel/debug/kptest_target

# enter FILE: a task (READER) goes into the function behind FILE and stays
enter() {
	OUT=$(mktemp)
	background cat "$TARGET/$1" >"$OUT"
	READER=$BG_PID
	wait_until "a task inside of $1" grep -qx 1 "$TARGET/inside"
}

# leave WHAT TEXT: the task comes out, having read TEXT
leave() {
	wait_background "$READER"
	check_eq "$1: status of the reader" "$BG_STATUS" 0
	check_eq "$1" "$(cat "$OUT")" "$2"
	rm -f "$OUT"
}

# check_stalled PATCH STATE: the transition runs, and is held up by READER
check_stalled() {
	nap 2.5		# at least two more attempts of the core
	check_sysfs_value "$1" transition 1
	! [[ -e /proc/$READER/patch_state ]] ||
		check_eq "state of the task inside" "$(cat "/proc/$READER/patch_state")" "$2"
}

log_start() {
	echo "(debug) livepatch: 'kptest_block': initializing $1 transition"
	echo "livepatch: 'kptest_block': starting $1 transition"
}

log_end() {
	echo "(debug) livepatch: 'kptest_block': completing $1 transition"
	echo "livepatch: 'kptest_block': $1 complete"
}

start_test "patching is held up, and ends when the task has left"
klp_debug_on
load_mod $T
enter block
load_lp_nowait $P
check_sysfs_value $P enabled 1
check_stalled $P 0
# others are not kept waiting: they run the new code at once
check_eq "another task" "$(cat $TARGET/block)" "block: patched"
log "% release"
echo 1 >$TARGET/release
leave "what it had called" "block: original"
wait_transition $P
check_eq "afterwards" "$(cat $TARGET/block)" "block: patched"
disable_lp $P
unload_lp $P
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
% load $P
livepatch: enabling patch 'kptest_block'
$(log_start patching)
% release
$(log_end patching)
$(log_disable_lp $P)
$(log_unload $P)
$(log_unload $T)
kptest_target: exit"

start_test "patching is turned round: the patch goes while the task stays"
load_mod $T
enter block
load_lp_nowait $P
check_stalled $P 0
reverse_lp $P
wait_gone $P
check_eq "inside" "$(cat $TARGET/inside)" 1
unload_lp $P
log "% release"
echo 1 >$TARGET/release
leave "what it had called" "block: original"
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
% load $P
livepatch: enabling patch 'kptest_block'
$(log_start patching)
% reverse $P
(debug) livepatch: 'kptest_block': reversing transition from patching to unpatching
livepatch: 'kptest_block': starting unpatching transition
$(log_end unpatching)
$(log_unload $P)
% release
$(log_unload $T)
kptest_target: exit"

start_test "unpatching is turned round: the patch stays"
load_mod $T
load_lp $P hold=1
OUT=$(mktemp)
background cat $TARGET/block >"$OUT"
READER=$BG_PID
wait_until "a task in the patched function" \
	grep -qx 1 /sys/module/kptest_block/parameters/inside
disable_lp_nowait $P
check_sysfs_value $P enabled 0
check_stalled $P 1
# only one transition at a time
load_failing_mod kptest-hello-a
reverse_lp $P
wait_transition $P
check_sysfs_value $P enabled 1
check_eq "the other function" "$(timeout 20 cat $TARGET/nap)" "nap: patched"
set_param $P hold 0
leave "what it had called" "block: patched"
disable_lp $P
unload_lp $P
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $P hold=1)
% disable $P
$(log_start unpatching)
% load kptest-hello-a
$(core_says "patch 'kptest_hello_a' cannot be enabled while patch 'kptest_block' is in transition: try again")
% load kptest-hello-a failed: Device or resource busy
% reverse $P
(debug) livepatch: 'kptest_block': reversing transition from unpatching to patching
livepatch: 'kptest_block': starting patching transition
$(log_end patching)
% set $P hold=0
$(log_disable_lp $P)
$(log_unload $P)
$(log_unload $T)
kptest_target: exit"

start_test "patching is turned round and round again"
load_mod $T
load_lp $P hold=1
OUT=$(mktemp)
background cat $TARGET/block >"$OUT"
READER=$BG_PID
wait_until "a task in the patched function" \
	grep -qx 1 /sys/module/kptest_block/parameters/inside
want=
for round in 1 2 3; do
	if [[ $round -eq 1 ]]; then
		disable_lp_nowait $P
		want+="% disable $P
$(log_start unpatching)
"
	else
		reverse_lp $P
		want+="% reverse $P
(debug) livepatch: 'kptest_block': initializing unpatching transition
livepatch: 'kptest_block': starting unpatching transition
"
	fi
	check_sysfs_value $P transition 1
	reverse_lp $P
	wait_transition $P
	want+="% reverse $P
(debug) livepatch: 'kptest_block': reversing transition from unpatching to patching
livepatch: 'kptest_block': starting patching transition
$(log_end patching)
"
done
set_param $P hold 0
leave "what it had called" "block: patched"
disable_lp $P
unload_lp $P
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $P hold=1)
$want
% set $P hold=0
$(log_disable_lp $P)
$(log_unload $P)
$(log_unload $T)
kptest_target: exit"

start_test "a task in an interruptible sleep is sent out by a signal"
# The core signals after 15 seconds or so; the system call is restarted and
# gets to the new function.
load_mod $T
enter nap
load_lp_nowait $P
check_stalled $P 0
leave "what it got in the end" "nap: patched"
check_eq "announcements" \
	"$(dmesg_since "$LOG_MARK" | grep -cx 'livepatch: signaling remaining tasks' || :)" 1
wait_transition $P
disable_lp $P
unload_lp $P
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $P)
$(log_disable_lp $P)
$(log_unload $P)
$(log_unload $T)
kptest_target: exit"

start_test "debug messages name who is in the way, and can be switched off"
control=/sys/kernel/debug/dynamic_debug/control
if [[ ! -w $control ]] || ! grep -q ' \[.*\]klp_try_switch_task ' "$control"; then
	skip_test "this kernel has no such messages"
else
	# in_the_way: the messages about the reader
	in_the_way() {
		# older kernels name the function that looked at the stack
		dmesg_since "$LOG_MARK" |
			grep -cE "^livepatch: klp_(try_switch_task|check_stack): cat:$READER is sleeping on function kptest_block\$" || :
	}
	several() {
		(($(in_the_way) > 1))
	}
	load_mod $T
	enter block
	echo 'func klp_try_switch_task +p' >"$control"
	load_lp_nowait $P
	wait_until "messages about the reader" several
	echo 'func klp_try_switch_task -p' >"$control"
	count=$(in_the_way)
	nap 2.5
	check_eq "messages, switched off" "$(in_the_way)" "$count"
	echo 1 >$TARGET/release
	leave "what it had called" "block: original"
	wait_transition $P
	disable_lp $P
	unload_lp $P
	unload_mod $T
	check_clean
	case_done
fi
