#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who chooses the model of a patch; switches that the user turns round; and calls
# that model refcount has no means left to count.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_cmd chrt taskset
require_module kpatch-test-target kpatch-test-patch1 kpatch-test-patch2 kpatch-test-patch3
setup_config $((6 + 2 * ${#KPATCH_MODELS[@]}))

models() {
	{ echo "$1" >$KPATCH_PARAMS/models; } 2>/dev/null
}

# check_model WHAT MODEL: of the switch that was the last
check_model() {
	check_eq "$1" "$(sed -n 's/^model //p' $KPATCH_SYSFS/last_switch)" "$2"
}

# begin_switch: of kt_sleeper(), with a task inside; insmod runs in the background
begin_switch() {
	echo 0 >$KT/sleeper
	wait_until "the sleeper to go inside" sleepers 1
	background try_insmod kpatch-test-patch1 only=kt_sleeper
	wait_until "the switch to begin" moving kpatch_test_patch1
}

start_test "the user's word for a patch, its author's, the user's for all"
load_mod kpatch-test-target
set_model task
kpatch_load kpatch-test-patch1
check_model "for all" task
kpatch_unload kpatch-test-patch1
kpatch_load kpatch-test-patch3
check_model "the author's" refcount
models "kpatch_test_patch1:refcount,kpatch_test_patch3:stop"
kpatch_unload kpatch-test-patch3
check_model "the user's" stop
kpatch_load kpatch-test-patch1
check_model "the user's, first in the list" refcount
models "kpatch_test_patch1:auto"
kpatch_unload kpatch-test-patch1
check_model "the user leaves it open" task
models ""
# Once since boot, so that it may have been a test before this one.
check_eq "the kernel about queues of works that it would rather not have used" \
	"$(dmesg_since none '^workqueue: work func kp_' || :)" ""
unload_mod kpatch-test-target
end_test

start_test "nobody chooses"
load_mod kpatch-test-target
set_model auto
kpatch_load kpatch-test-patch1
check_model "a kpatch patch" stop
kpatch_unload kpatch-test-patch1
unload_mod kpatch-test-target
end_test

start_test "choices that make no sense"
models "kpatch_test_patch1:task"
for bad in kpatch_test_patch1 kpatch_test_patch1: :task kpatch_test_patch1:tusk \
	"kpatch_test_patch1:stop,x" "$(printf 'patch:stop,%.0s' {1..60})x:stop"; do
	! models "$bad" || fail "'$bad' was accepted"
	check_eq "the list after '$bad'" "$(cat $KPATCH_PARAMS/models)" kpatch_test_patch1:task
done
models ""
check_eq "an empty list" "$(cat $KPATCH_PARAMS/models)" ""
{ ! echo tusk >$KPATCH_PARAMS/model; } 2>/dev/null || fail "there is no model 'tusk'"
check_eq "the model" "$(cat $KPATCH_PARAMS/model)" auto
end_test

for model in "${KPATCH_MODELS[@]}"; do
	start_test "$model: a switch is turned round"
	set_model "$model"
	limits 60000 1000000
	load_mod kpatch-test-target
	check_eq "transition" "$(cat $KPATCH_SYSFS/transition)" none
	begin_switch
	TEST_MODULES+=(kpatch_test_patch1)
	{ ! echo kpatch_test_patch3 >$KPATCH_SYSFS/reverse; } 2>/dev/null ||
		fail "another patch was turned round"
	moving kpatch_test_patch1 || fail "the switch is over"
	echo kpatch_test_patch1 >$KPATCH_SYSFS/reverse || fail "it cannot be turned round"
	wait_background "$BG_PID"
	check_eq "status of insmod" "$BG_STATUS" 1
	check_eq "transition" "$(cat $KPATCH_SYSFS/transition)" none
	check_eq "tasks inside of the old function" "$(kt asleep)" 1
	log_says "^kpatch: patch 'kpatch_test_patch1' not enabled \(-125\)$" ||
		fail "the log does not say that it was cancelled"
	{ ! echo kpatch_test_patch1 >$KPATCH_SYSFS/reverse; } 2>/dev/null ||
		fail "a patch that does not move was turned round"
	{ ! echo kpatch_test_patch1 >$KPATCH_SYSFS/force; } 2>/dev/null ||
		fail "a patch that does not move was forced"

	echo 1 >$KT/release
	wait_until "the sleeper to come out" sleepers 0
	unload_mod kpatch-test-target
	end_test
done

# reverse_twice PATCH: before the engine has had time to act upon the first.  It does
# so in a work item on this processor, which a real-time task does not give way to.
reverse_twice() {
	# shellcheck disable=SC2016 # the other bash expands it
	chrt -f 1 bash -c 'echo "$1" && echo "$1"' bash "$1" >$KPATCH_SYSFS/reverse
} 2>/dev/null

for model in "${KPATCH_MODELS[@]}"; do
	start_test "$model: a switch is turned round twice"
	set_model "$model"
	limits 60000 1000000
	load_mod kpatch-test-target
	for ((i = 0, twice = 0; i < 200 && !twice; i++)); do
		begin_switch
		# Time for a try: tasks have been judged by the way forward.
		sleep 0.1
		! reverse_twice kpatch_test_patch1 || twice=1
		((!twice)) || {
			sleep 0.3
			moving kpatch_test_patch1 || fail "it is over with a task inside"
		}
		echo 1 >$KT/release
		wait_until "the sleeper to come out" sleepers 0
		wait_background "$BG_PID"
	done
	diag "$i rounds"
	((twice)) || fail "the second time was always too late"
	check_eq "status of insmod" "$BG_STATUS" 0
	TEST_MODULES+=(kpatch_test_patch1)
	kpatch_unload kpatch-test-patch1
	unload_mod kpatch-test-target
	end_test
done

state_of() {
	sed -n "s/^$1 //p" $KPATCH_SYSFS/patches
}

start_test "task: the way back has all the time that it needs"
set_model task
limits 60000 1000000
load_mod kpatch-test-target
begin_switch
TEST_MODULES+=(kpatch_test_patch1)
# Made by a task that has moved, and calls the new function; until that is so,
# those that come are in the old one.
new_sleeper() {
	echo 3 >$KT/sleeper
	sleep 0.2
	! staying kpatch-test-patch1 0
}
wait_until "a task to be inside of the new function" new_sleeper
check_eq "state on the way there" "$(state_of kpatch_test_patch1)" enabling
echo kpatch_test_patch1 >$KPATCH_SYSFS/reverse || fail "it cannot be turned round"
limits 300 1000000
sleep 2
check_eq "state on the way back, after more than the time limit" \
	"$(state_of kpatch_test_patch1)" disabling
echo 0 >/sys/module/kpatch_test_patch1/parameters/stay
wait_background "$BG_PID"
check_eq "status of insmod" "$BG_STATUS" 1
log_says "^kpatch: patch 'kpatch_test_patch1' not enabled \(-125\)$" ||
	fail "the log does not say that it was cancelled"
limits 15000 20
echo 1 >$KT/release
wait_until "the sleepers to come out" sleepers 0
unload_mod kpatch-test-target
end_test

insmod_over() {
	! runs "$BG_PID"
}

# insmod_idly NAME [PARAMETER...]: on the first CPU when nobody else wants it
insmod_idly() {
	chrt --idle --pid 0 "$BASHPID" >/dev/null
	taskset -pc 0 "$BASHPID" >/dev/null
	try_insmod "$@"
}

# insmod_first NAME [PARAMETER...]: on the same CPU, but before that
insmod_first() {
	taskset -pc 0 "$BASHPID" >/dev/null
	try_insmod "$@"
}

start_test "one patch waits for another, and then for one that fails at once"
set_model task
limits 60000 1000000
load_mod kpatch-test-target
TEST_MODULES+=(kpatch_test_patch1 kpatch_test_patch2)
for round in {1..5}; do
	begin_switch
	switching=$BG_PID
	background insmod_idly kpatch-test-patch2 only=kt_g
	waiting=$BG_PID
	background insmod_first kpatch-test-patch3 only=kt_untraced
	failing=$BG_PID
	sleep 1
	{ runs "$waiting" && runs "$failing"; } || fail "round $round: they do not wait"
	echo 1 >$KT/release
	wait_background "$switching"
	check_eq "round $round: status of insmod" "$BG_STATUS" 0
	wait_background "$failing"
	check_eq "round $round: status of the second insmod" "$BG_STATUS" 1
	BG_PID=$waiting
	KP_TIMEOUT=20 loop_until insmod_over || {
		fail "round $round: the third insmod waits for nobody"
		# Any transition wakes it.
		kpatch_off kpatch-test-patch1
		kpatch_set kpatch-test-patch1 1
	}
	wait_background "$waiting"
	check_eq "round $round: status of the third insmod" "$BG_STATUS" 0
	kpatch_unload kpatch-test-patch2
	kpatch_unload kpatch-test-patch1
	[[ -z $CASE_FAILED ]] || break
done
unload_mod kpatch-test-target
end_test

start_test "refcount: more calls than can be counted"
set_model refcount
limits 60000 1000000
calls=$(cat $KPATCH_PARAMS/refcount_calls)
echo 1 >$KPATCH_PARAMS/refcount_calls
load_mod kpatch-test-target
begin_switch
TEST_MODULES+=(kpatch_test_patch1)
# Two are enough, if counting has begun.
for ((inside = 2; inside < 20; inside++)); do
	echo 0 >$KT/sleeper
	wait_until "$inside sleepers to be inside" sleepers $inside
	! KP_TIMEOUT=2 loop_until insmod_over || break
done
wait_background "$BG_PID"
check_eq "status of insmod" "$BG_STATUS" 1
check_eq "transition" "$(cat $KPATCH_SYSFS/transition)" none
log_says "^kpatch: (a call could not be counted|.* was called and not counted)" ||
	fail "the log does not say that a call was not counted"
log_says "^kpatch: patch 'kpatch_test_patch1' not enabled \(-16\)$" ||
	fail "the log does not say that it was given up"
check_eq "tasks inside of the old function" "$(kt asleep)" $inside
echo 1 >$KT/release
wait_until "the sleepers to come out" sleepers 0
echo "$calls" >$KPATCH_PARAMS/refcount_calls
kpatch_load kpatch-test-patch1
kpatch_unload kpatch-test-patch1
unload_mod kpatch-test-target
end_test
