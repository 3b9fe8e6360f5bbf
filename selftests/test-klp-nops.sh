#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What a replacing patch leaves alone goes back to the original.  While that is
# under way its directory shows these functions, and afterwards not any more.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-late kptest-block kptest-hello-a kptest-bad kptest-load-b
setup_config 4

T=kptest-target
L=kptest-late
NEW=kptest-block
TARGET=/sys/kernel/debug/kptest_target
CMDLINE=$(cat /proc/cmdline)

# shown DIRECTORY: what is below it, less attributes
shown() {
	(cd "$(lp_dir "$1")" && find . -mindepth 1 -type d | sed 's,^\./,,' | sort)
}

readonly OWN="kptest_late
kptest_late/kptest_late_show,1
kptest_target
kptest_target/kptest_block,1
kptest_target/kptest_nap,1"

# Of functions in an object that the new patch has, in one that it has not, and
# in one that is not even loaded.
readonly NOPS="kptest_no_such_module
kptest_no_such_module/kptest_hello_show,1
kptest_target/kptest_hello_show,1
kptest_target/kptest_inner,1
kptest_target/kptest_outer,1
vmlinux
vmlinux/cmdline_proc_show,1"

# start: three patches, and a fourth one in transition to take their place
start() {
	load_mod $T
	load_lp kptest-hello-a
	load_lp kptest-load-b gen=7
	load_lp kptest-bad object=kptest_no_such_module
	check_patched
	OUT=$(mktemp)
	background cat $TARGET/block >"$OUT"
	READER=$BG_PID
	wait_until "a task inside" grep -qx 1 $TARGET/inside
	load_lp_nowait $NEW replace=1
	check_sysfs_value $NEW transition 1
}

log_start() {
	log_load $T
	echo "kptest_target: init"
	log_load_lp kptest-hello-a
	log_load_lp kptest-load-b gen=7
	log_load_lp kptest-bad object=kptest_no_such_module
	echo "% load $NEW replace=1"
	echo "livepatch: enabling patch 'kptest_block'"
	echo "livepatch: 'kptest_block': starting patching transition"
}

check_patched() {
	check_eq "hello" "$(read_target hello)" "hello: patched by a"
	check_eq "pair" "$(read_target pair)" "outer=new:7 inner=new:7,new:7"
	check_eq "/proc/cmdline" "$(cat /proc/cmdline)" "cmdline new:7"
}

check_original() {
	check_eq "hello" "$(read_target hello)" "hello: original"
	check_eq "pair" "$(read_target pair)" "outer=old inner=old,old"
	check_eq "/proc/cmdline" "$(cat /proc/cmdline)" "$CMDLINE"
}

release() {
	log "% release"
	echo 1 >$TARGET/release
	wait_background "$READER"
	check_eq "status of the reader" "$BG_STATUS" 0
	check_eq "what it had called" "$(cat "$OUT")" "block: original"
	rm -f "$OUT"
}

start_test "they are there during the transition, and gone afterwards"
start
check_eq "in transition" "$(shown $NEW)" "$(sort <<<"$OWN"$'\n'"$NOPS")"
if have_sysfs $NEW kptest_target/patched; then
	check_sysfs_value $NEW kptest_target/patched 1
	check_sysfs_value $NEW vmlinux/patched 1
	check_sysfs_value $NEW kptest_no_such_module/patched 0
	check_sysfs_rights $NEW vmlinux/patched -r--r--r--
fi
# new tasks are on the new side already
check_original
release
wait_transition $NEW
check_eq "afterwards" "$(shown $NEW)" "$OWN"
wait_gone kptest-hello-a
wait_gone kptest-load-b
wait_gone kptest-bad
check_original
unload_lp kptest-hello-a
unload_lp kptest-load-b
unload_lp kptest-bad
disable_lp $NEW
unload_lp $NEW
unload_mod $T
check_result "$(log_start)
% release
livepatch: 'kptest_block': patching complete
$(log_unload kptest-hello-a)
$(log_unload kptest-load-b)
$(log_unload kptest-bad)
$(log_disable_lp $NEW)
$(log_unload $NEW)
$(log_unload $T)
kptest_target: exit"

start_test "the transition is turned round: the old patches are in effect again"
start
reverse_lp $NEW
wait_gone $NEW
check_patched
release
unload_lp $NEW
disable_lp kptest-bad
disable_lp kptest-load-b
disable_lp kptest-hello-a
unload_lp kptest-bad
unload_lp kptest-load-b
unload_lp kptest-hello-a
check_original
unload_mod $T
check_result "$(log_start)
% reverse $NEW
livepatch: 'kptest_block': starting unpatching transition
livepatch: 'kptest_block': unpatching complete
% release
$(log_unload $NEW)
$(log_disable_lp kptest-bad)
$(log_disable_lp kptest-load-b)
$(log_disable_lp kptest-hello-a)
$(log_unload kptest-bad)
$(log_unload kptest-load-b)
$(log_unload kptest-hello-a)
$(log_unload $T)
kptest_target: exit"

start_test "a module whose function is given back comes and goes meanwhile"
load_mod $T
load_lp kptest-bad object=kptest_late function=kptest_late_show
# until it is released: how long a busy machine takes for this is not known
echo 600000 >/sys/module/kptest_target/parameters/slow_ms
background cat $TARGET/slow >/dev/null
READER=$BG_PID
wait_until "a task inside of slow" grep -q ' kptest_outer+' "/proc/$READER/stack"
load_lp_nowait kptest-load-b gen=1 replace=1
check_sysfs_value kptest-load-b transition 1
check_cmd "it is shown" test -d "$(lp_dir kptest-load-b)/kptest_late/kptest_late_show,1"
load_mod $L
! have_sysfs kptest-load-b kptest_late/patched ||
	check_sysfs_value kptest-load-b kptest_late/patched 1
check_eq "the module's function" "$(cat /sys/kernel/debug/kptest_late)" "late: original"
unload_mod $L
! have_sysfs kptest-load-b kptest_late/patched ||
	check_sysfs_value kptest-load-b kptest_late/patched 0
load_mod $L
check_sysfs_value kptest-load-b transition 1
log "% release"
echo 1 >$TARGET/release
wait_background "$READER"
wait_transition kptest-load-b
check_cmd "it is not shown any more" test ! -d "$(lp_dir kptest-load-b)/kptest_late"
wait_gone kptest-bad
check_eq "the module's function" "$(cat /sys/kernel/debug/kptest_late)" "late: original"
unload_lp kptest-bad
disable_lp kptest-load-b
unload_lp kptest-load-b
unload_mod $L
unload_mod $T
coming="$(log_load $L)
livepatch: applying patch 'kptest_bad' to loading module 'kptest_late'
livepatch: applying patch 'kptest_load_b' to loading module 'kptest_late'
kptest_late: init"
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp kptest-bad object=kptest_late function=kptest_late_show)
% load kptest-load-b gen=1 replace=1
livepatch: enabling patch 'kptest_load_b'
livepatch: 'kptest_load_b': starting patching transition
$coming
$(log_unload $L)
kptest_late: exit
livepatch: reverting patch 'kptest_bad' on unloading module 'kptest_late'
livepatch: reverting patch 'kptest_load_b' on unloading module 'kptest_late'
$coming
% release
livepatch: 'kptest_load_b': patching complete
$(log_unload kptest-bad)
$(log_disable_lp kptest-load-b)
$(log_unload kptest-load-b)
$(log_unload $L)
kptest_late: exit
$(log_unload $T)
kptest_target: exit"

start_test "a patch that cannot replace leaves nothing of it"
load_mod $T
load_lp kptest-hello-a
background cat $TARGET/block >/dev/null
READER=$BG_PID
wait_until "a task inside" grep -qx 1 $TARGET/inside
load_lp_nowait $NEW
check_sysfs_value $NEW transition 1
load_failing_mod kptest-load-b replace=1
check_cmd "no directory" test ! -d "$(lp_dir kptest-load-b)"
check_eq "hello" "$(read_target hello)" "hello: patched by a"
log "% release"
echo 1 >$TARGET/release
wait_background "$READER"
wait_transition $NEW
disable_lp $NEW
unload_lp $NEW
disable_lp kptest-hello-a
unload_lp kptest-hello-a
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp kptest-hello-a)
% load $NEW
livepatch: enabling patch 'kptest_block'
livepatch: 'kptest_block': starting patching transition
% load kptest-load-b replace=1
$(core_says "patch 'kptest_load_b' cannot be enabled while patch 'kptest_block' is in transition: try again")
% load kptest-load-b failed: Device or resource busy
% release
livepatch: 'kptest_block': patching complete
$(log_disable_lp $NEW)
$(log_unload $NEW)
$(log_disable_lp kptest-hello-a)
$(log_unload kptest-hello-a)
$(log_unload $T)
kptest_target: exit"
