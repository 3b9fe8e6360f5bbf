#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# samples/livepatch-replace: one patch takes over from two others.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
require_klp
require_module livepatch-cmdline livepatch-meminfo livepatch-replace livepatch-syscall
setup_config 3

cmdline=$(cat /proc/cmdline)

# check_state WHEN CMDLINE LABEL
check_state() {
	check_eq "/proc/cmdline, $1" "$(cat /proc/cmdline)" "$2"
	check_eq "/proc/meminfo, $1" "$(grep -io '^vmallocchunk' /proc/meminfo)" "$3"
}

start_test "in place of two"
load_lp livepatch-cmdline
load_lp livepatch-meminfo
check_state "two patches" "livepatch-cmdline: this line comes from a module" VMALLOCCHUNK
load_lp livepatch-replace
wait_gone livepatch-cmdline
wait_gone livepatch-meminfo
check_eq "patches" "$(our_patches)" livepatch_replace
unload_lp livepatch-cmdline
unload_lp livepatch-meminfo
check_state "one patch" "livepatch-replace: this line comes from the cumulative patch" VMALLOCCHUNK
disable_lp livepatch-replace
check_state "disabled" "$cmdline" VmallocChunk
unload_lp livepatch-replace
check_state "unloaded" "$cmdline" VmallocChunk
check_result "$(log_load_lp livepatch-cmdline)
$(log_load_lp livepatch-meminfo)
$(log_load_lp livepatch-replace)
$(log_unload livepatch-cmdline)
$(log_unload livepatch-meminfo)
$(log_disable_lp livepatch-replace)
$(log_unload livepatch-replace)"

start_test "what it does not contain goes back to the original"
load_lp livepatch-syscall
check_eq "setarch -R" "$(setarch -R true 2>/dev/null || echo refused)" refused
load_lp livepatch-replace
wait_gone livepatch-syscall
unload_lp livepatch-syscall
check_eq "setarch -R" "$(setarch -R true 2>/dev/null || echo refused)" ""
check_state "replaced" "livepatch-replace: this line comes from the cumulative patch" VMALLOCCHUNK
disable_lp livepatch-replace
unload_lp livepatch-replace
check_result "$(log_load_lp livepatch-syscall)
$(log_load_lp livepatch-replace)
$(log_unload livepatch-syscall)
$(log_disable_lp livepatch-replace)
$(log_unload livepatch-replace)"

start_test "readers never see the original in between"
# The loop sleeps a little: under QEMU's single-threaded TCG a CPU that is always
# busy delays each interrupt between CPUs by 100 ms, and 6.12 needs a thousand of
# them for every transition.
watch_cmdline() {
	local line

	trap 'exit 0' TERM
	while nap 0.01; do
		IFS= read -r line </proc/cmdline
		[[ $line == livepatch-* ]] || {
			echo "$line" >"$work/seen"
			exit 1
		}
	done
}
work=$(mktemp -d)
trap 'rm -rf "$work"; on_exit $?' EXIT
load_lp livepatch-cmdline
background watch_cmdline
watch_pid=$BG_PID
nap 0.5
load_lp livepatch-replace
wait_gone livepatch-cmdline
nap 0.5
stop_background "$watch_pid"
check_eq "a line that should not be there" "$(cat "$work/seen" 2>/dev/null || :)" ""
unload_lp livepatch-cmdline
disable_lp livepatch-replace
unload_lp livepatch-replace
check_result "$(log_load_lp livepatch-cmdline)
$(log_load_lp livepatch-replace)
$(log_unload livepatch-cmdline)
$(log_disable_lp livepatch-replace)
$(log_unload livepatch-replace)"
