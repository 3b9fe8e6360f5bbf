#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# samples/livepatch-syscall: personality(ADDR_NO_RANDOMIZE) is refused, all else
# that personality(2) does is not.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
require_klp
require_cmd setarch
require_module livepatch-syscall
setup_config 1

# personality OPTION...: of a process started so, or "refused"
personality() {
	setarch "$@" cat /proc/self/personality 2>/dev/null || echo refused
}

# check_personality WHEN NO-RANDOMIZE
check_personality() {
	check_eq "setarch -R, $1" "$(personality -R)" "$2"
	check_eq "setarch -L, $1" "$(personality -L)" 00200000
	check_eq "setarch without options, $1" "$(personality x86_64)" 00000000
	check_eq "the personality of others, $1" "$(cat /proc/self/personality)" 00000000
}

# A process that has the flag from before keeps it, and may hand it on.
keeper() {
	exec setarch -R bash -c '
		read -r _
		setarch x86_64 -R cat /proc/self/personality
	' <"$work/fifo" >"$work/kept"
}

work=$(mktemp -d)
trap 'rm -rf "$work"; on_exit $?' EXIT
mkfifo "$work/fifo"

start_test "one flag is refused, the rest works"
check_personality "before" 00040000
exec {fifo}<>"$work/fifo"
background keeper
keeper_pid=$BG_PID
wait_until "a process with the flag" grep -q 00040000 "/proc/$keeper_pid/personality"
load_lp livepatch-syscall
check_personality "with the patch" refused
echo >&"$fifo"
wait_until "that process to end" test -s "$work/kept"
check_eq "who had the flag before" "$(cat "$work/kept")" 00040000
stop_background "$keeper_pid"
disable_lp livepatch-syscall
check_personality "disabled" 00040000
unload_lp livepatch-syscall
check_personality "unloaded" 00040000
check_result "$(log_load_lp livepatch-syscall)
$(log_disable_lp livepatch-syscall)
$(log_unload livepatch-syscall)"
