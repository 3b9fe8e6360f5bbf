#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# samples/livepatch-cmdline: one function is replaced, and comes back.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
require_klp
require_module livepatch-cmdline
setup_config 3

text="livepatch-cmdline: this line comes from a module"
before=$(cat /proc/cmdline)

start_test "on and off"
load_lp livepatch-cmdline
check_eq "/proc/cmdline with the patch" "$(cat /proc/cmdline)" "$text"
check_sysfs_value livepatch-cmdline enabled 1
check_sysfs_value livepatch-cmdline transition 0
disable_lp livepatch-cmdline
check_eq "/proc/cmdline, disabled" "$(cat /proc/cmdline)" "$before"
unload_lp livepatch-cmdline
check_eq "/proc/cmdline, unloaded" "$(cat /proc/cmdline)" "$before"
check_result "$(log_load_lp livepatch-cmdline)
$(log_disable_lp livepatch-cmdline)
$(log_unload livepatch-cmdline)"

start_test "as long as it is enabled it cannot be removed"
load_lp livepatch-cmdline
if rmmod livepatch_cmdline 2>/dev/null; then
	fail "an enabled patch was removed"
fi
check_eq "/proc/cmdline with the patch" "$(cat /proc/cmdline)" "$text"
disable_lp livepatch-cmdline
unload_lp livepatch-cmdline
check_result "$(log_load_lp livepatch-cmdline)
$(log_disable_lp livepatch-cmdline)
$(log_unload livepatch-cmdline)"

start_test "a file that is open over the switch"
load_lp livepatch-cmdline
exec {fd}</proc/cmdline
disable_lp livepatch-cmdline
unload_lp livepatch-cmdline
check_eq "/proc/cmdline, opened with the patch and read without" "$(cat <&"$fd")" "$before"
exec {fd}<&-
check_result "$(log_load_lp livepatch-cmdline)
$(log_disable_lp livepatch-cmdline)
$(log_unload livepatch-cmdline)"
