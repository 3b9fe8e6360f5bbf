#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Functions that call each other are switched under load, in tasks that sleep
# and spin, system calls, work items, softirqs, hardirqs and NMIs, beside the load
# that the test of transitions has: tasks that burn CPU time, fork, write files,
# call in storms and sleep in other functions, and have io_uring's workers call, which
# come into being without a fork.  No call may see a mix; and in
# the models that switch everybody at one instant, none may see the old version
# when somebody has seen the new one.
# KP_SWITCHES: how many switches there are for each model.
# KP_PERIOD_US: microseconds between two interrupts of the part of the load that is
# watched.  A guest that cannot keep up with it does nothing else: who is preempted
# inside waits there for long, and the rest of the load hardly runs.  io_uring's
# workers come by the same measure.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
# shellcheck source=selftests/lib-load.sh
. "$(dirname "$0")/lib-load.sh"
require_kpatch
require_load kpatch-test-target kpatch-test-patch1
setup_config ${#KPATCH_MODELS[@]}

switches=${KP_SWITCHES:-40}
period=${KP_PERIOD_US:-2000}

# On a kernel that checks itself thousands of allocations, each a millisecond, would be
# most of each switch in model refcount; and so would, in all models, the way to direct
# calls and back, because more than a second lies between two switches.
calls=$(cat $KPATCH_PARAMS/refcount_calls)
direct=$(cat $KPATCH_PARAMS/direct)
if [[ -e /proc/lockdep ]]; then
	echo 256 >$KPATCH_PARAMS/refcount_calls
	echo 0 >$KPATCH_PARAMS/direct
fi

# Before 3.16 an NMI's calls can get past ftrace while call sites are changed, and, in
# the handler of a kprobe, past the guards (Documentation/core.md, "What can hide a
# patch").  The core counts them.  They have run the old code, which is late itself
# or, before a switch back, makes all calls look late that follow.
# judge_late: which of the late calls of the last switch can come from there?
judge_late() {
	local missed late

	missed=$(guards missed)
	late=$(kt late)
	if ((late > late_before)) && grep -q ' function_trace_stop$' /proc/kallsyms &&
		(($(guards missed) > missed_before)); then
		excused=$((excused + late - late_before))
		diag "$((late - late_before)) late in a switch in which guards missed $(($(guards missed) - missed_before))"
	fi
	missed_before=$missed late_before=$late
}

# switch_to 0|1: again and again, if need be: being busy is no failure here
switch_to() {
	[[ $model == task ]] || judge_late
	echo "$1" >$KT/next
	until kpatch_set kpatch-test-patch1 "$1"; do
		busy=$((busy + 1))
		((busy < 10 * switches)) || die "the switch never comes about"
	done
}

# Most of the time that a saturated guest takes for a switch, it waits to get on.
! emulated || pause_load 40:40
limits 15000 50
for model in "${KPATCH_MODELS[@]}"; do
	start_test "$model: $switches switches under load"
	begin=$SECONDS
	set_model "$model"
	busy=0
	load_mod kpatch-test-target threads=9 period_us="$period"
	load_mod kptest-target
	start_load -n call=3 -n ring=2 -r $((period / 20)) -w 300
	missed=$(guards missed) missed_before=$missed late_before=0 excused=0
	echo 1 >$KT/next
	until try_insmod kpatch-test-patch1; do
		busy=$((busy + 1))
		((busy < 10)) || die "the patch does not load: $INSMOD_ERR"
	done
	for ((i = 1; i < switches; i += 2)); do
		switch_to 0
		switch_to 1
	done
	switch_to 0
	[[ $model == task ]] || judge_late
	unload_mod kpatch-test-patch1
	load_runs || fail "the load has ended before its time"
	stop_load
	check_eq "status of the load" "$BG_STATUS" 0
	[[ $BG_STATUS == 0 ]] || diag "$LOAD_REPORT"
	diag "beside it: ${LOAD_REPORT##*$'\n'}"
	check_eq "calls that saw a mix" "$(kt mixes)" 0
	[[ $(kt mixes) == 0 ]] || diag "the first: $(kt mix)"
	[[ $model == task ]] ||
		check_eq "calls that were late" "$(($(kt late) - excused))" 0
	diag "$(kt calls) calls, $(kt syscalls) of them in syscalls, $(kt nmis) in NMIs, $busy times busy, $((SECONDS - begin)) s"
	diag "$(($(guards missed) - missed)) calls that guards missed"
	(($(kt calls) > 1000)) || fail "there was hardly a load"
	(($(kt syscalls) > switches)) || fail "there were hardly any syscalls"
	(($(nproc) != 2 || $(kt nmis) > 10)) || fail "there were hardly any NMIs"
	unload_mod kptest-target
	unload_mod kpatch-test-target
	end_test
done
echo "$calls" >$KPATCH_PARAMS/refcount_calls
echo "$direct" >$KPATCH_PARAMS/direct
