#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# When nothing is in transition, calls of a patched function get to the new one
# directly, by a call or a jump at the call site; they pass the handler again when
# somebody else traces the function, and before the next transition.  On the way
# from one to the other no call may run the old function: a task on each CPU
# calls it all the time, and counts.
# KP_ROUNDS: how often the stress goes there and back.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_module kpatch-test-spin kpatch-test-spin-patch kpatch-test-target \
	kpatch-test-patch1 kpatch-test-patch2
setup_config 11

rounds=${KP_ROUNDS:-20}
KS=/sys/module/kpatch_test_spin/parameters
possible=$(cat $KPATCH_SYSFS/direct)
tracing=/sys/kernel/tracing
[[ -d $tracing/events ]] || tracing=/sys/kernel/debug/tracing
limits 30000 100

ks() {
	cat "$KS/$1"
}

# count_old: so many calls have run the old function, with those that were on
# their way when the switch came
count_old() {
	echo 1 >"$KS/count"
	ks old
}

# how FUNCTION: its state
how() {
	awk -v f="$1" '$2 == f { print $1 }' $KPATCH_SYSFS/redirects
}

is_direct() {
	[[ $(how "$1") == direct || $(how "$1") == jmp ]]
}

is_ops() {
	[[ $(how "$1") == ops ]]
}

wait_direct() {
	wait_until "direct calls of $1" is_direct "$1"
}

# rest 0|1: do the tasks sleep between their calls?
rest() {
	echo "$1" >/sys/module/kpatch_test_spin/parameters/rest
}

# ran_new STEP: since the last time calls have run, all of them the new function
ran_new() {
	local calls

	calls=$(ks calls)
	wait_until "calls" more_calls "$calls"
	check_eq "$1: calls of the old function" "$(ks old)" "$old"
	check_eq "$1: calls that went wrong" "$(ks wrong)" 0
}

more_calls() {
	(($(ks calls) > $1))
}

# patiently COMMAND...: with so many calls a switch may fail, being busy
patiently() {
	local i

	for ((i = 0; i < 10; i++)); do
		! "$@" || return 0
		diag "busy: '$*'"
	done
	die "it always fails: '$*'"
}

# spin_on: the function is patched, and its calls are watched from now on
spin_on() {
	load_mod kpatch-test-spin
	patiently try_insmod kpatch-test-spin-patch
	old=$(count_old)
}

patch_off() {
	patiently kpatch_set kpatch-test-spin-patch 0
}

spin_off() {
	patch_off
	unload_mod kpatch-test-spin-patch
	unload_mod kpatch-test-spin
}

set_direct() {
	echo "$1" >$KPATCH_PARAMS/direct
}

# skipped: true, and says so, where this kernel can have no direct calls
skipped() {
	[[ $possible != possible ]] || return 1
	skip_test "$possible"
}

have_tracer() {
	grep -qw "$1" $tracing/available_tracers
}

start_test "the state is shown"
set_model stop
spin_on
check_match "the state right after the switch" "$(how ks_f)" "^(ops|direct|jmp)$"
if [[ $possible == possible ]]; then
	wait_direct ks_f
	diag "settled: $(how ks_f)"
else
	nap 3
	check_eq "the state" "$(how ks_f)" ops
	diag "$possible"
fi
ran_new "settled"
spin_off
check_eq "redirects without a patch" "$(cat $KPATCH_SYSFS/redirects)" ""
end_test

start_test "a parameter switches it off"
if ! skipped; then
	set_direct 0
	spin_on
	nap 3
	check_eq "the state, switched off" "$(how ks_f)" ops
	set_direct 16
	wait_direct ks_f
	set_direct 0
	wait_until "ops again" is_ops ks_f
	set_direct 16
	wait_direct ks_f
	ran_new "off and on"
	spin_off
	end_test
fi

start_test "kernel.ftrace_enabled cannot be cleared"
if ! skipped; then
	spin_on
	wait_direct ks_f
	if { echo 0 >/proc/sys/kernel/ftrace_enabled; } 2>/dev/null; then
		echo 1 >/proc/sys/kernel/ftrace_enabled
		fail "it can, and the patch was out of effect"
	fi
	ran_new "after the attempt"
	spin_off
	end_test
fi

start_test "a function tracer comes and goes"
if ! skipped && ! have_tracer function; then
	skip_test "there is no function tracer"
elif [[ $possible == possible ]]; then
	spin_on
	wait_direct ks_f
	echo ks_f >$tracing/set_ftrace_filter
	echo function >$tracing/current_tracer
	check_eq "the state, traced" "$(how ks_f)" ops
	ran_new "traced"
	grep -q ks_f $tracing/trace || fail "the tracer sees nothing"
	echo nop >$tracing/current_tracer
	wait_direct ks_f
	ran_new "not traced any more"
	# there when the patch comes
	patch_off
	echo function >$tracing/current_tracer
	patiently kpatch_set kpatch-test-spin-patch 1
	old=$(count_old)
	nap 3
	check_eq "the state, traced before" "$(how ks_f)" ops
	echo nop >$tracing/current_tracer
	echo >$tracing/set_ftrace_filter
	echo >$tracing/trace
	wait_direct ks_f
	ran_new "traced before"
	spin_off
	end_test
fi

start_test "a kprobe comes and goes"
if ! skipped && [[ ! -e $tracing/kprobe_events ]]; then
	skip_test "there are no kprobe events"
elif [[ $possible == possible ]]; then
	spin_on
	wait_direct ks_f
	echo 'p:kp_direct ks_f' >$tracing/kprobe_events
	echo 1 >$tracing/events/kprobes/kp_direct/enable
	check_eq "the state, probed" "$(how ks_f)" ops
	ran_new "probed"
	echo 0 >$tracing/events/kprobes/kp_direct/enable
	echo 'r:kp_direct ks_f' >$tracing/kprobe_events
	echo 1 >$tracing/events/kprobes/kp_direct/enable
	ran_new "its return probed"
	echo 0 >$tracing/events/kprobes/kp_direct/enable
	echo >$tracing/kprobe_events
	echo >$tracing/trace
	wait_direct ks_f
	ran_new "not probed any more"
	spin_off
	end_test
fi

start_test "another live patch is refused, and refuses"
if ! skipped && { [[ ! -d $KLP_SYSFS ]] ||
	grep -q '\<klp_enable_patch\>.*\[kpatch\]' /proc/kallsyms; }; then
	skip_test "this kernel has no live patching of its own"
elif [[ $possible == possible ]]; then
	spin_on
	wait_direct ks_f
	load_failing_mod kptest-spin
	check_eq "why" "$INSMOD_ERR" "Device or resource busy"
	is_direct ks_f || fail "the state is $(how ks_f)"
	ran_new "after the attempt"
	patch_off
	unload_mod kpatch-test-spin-patch
	# mainline switches no kernel thread that always runs
	rest 1
	load_lp kptest-spin
	load_failing_mod kpatch-test-spin-patch
	check_eq "why we are" "$INSMOD_ERR" "Device or resource busy"
	disable_lp kptest-spin
	unload_lp kptest-spin
	rest 0
	patiently try_insmod kpatch-test-spin-patch
	wait_direct ks_f
	old=$(count_old)
	ran_new "alone"
	spin_off
	end_test
fi

for model in "${KPATCH_MODELS[@]}"; do
	start_test "$model: transitions from direct calls"
	if skipped; then
		continue
	fi
	set_model "$model"
	spin_on
	wait_direct ks_f
	patch_off
	before=$(ks old)
	wait_until "calls of the old function" eval "((\$(ks old) > $before))"
	patiently kpatch_set kpatch-test-spin-patch 1
	old=$(count_old)
	wait_direct ks_f
	ran_new "on again"
	spin_off
	end_test
done

start_test "stacked patches"
if ! skipped; then
	set_model stop
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1 only=kt_g
	wait_direct kt_g
	check_eq "the version" "$(kt version)" 1
	kpatch_load kpatch-test-patch2 only=kt_g
	check_eq "the version with two patches" "$(kt version)" 2
	wait_direct kt_g
	check_eq "the version, direct" "$(kt version)" 2
	kpatch_off kpatch-test-patch1
	check_eq "the version without the lower" "$(kt version)" 2
	kpatch_set kpatch-test-patch1 1 || die "not on again"
	wait_direct kt_g
	check_eq "the version, now on top" "$(kt version)" 1
	# direct calls must not hold the module
	unload_mod kpatch-test-target
	check_eq "redirects" "$(cat $KPATCH_SYSFS/redirects)" ""
	load_mod kpatch-test-target
	wait_direct kt_g
	check_eq "the version, loaded again" "$(kt version)" 1
	kpatch_unload kpatch-test-patch1
	check_eq "the version below" "$(kt version)" 2
	kpatch_unload kpatch-test-patch2
	check_eq "the original" "$(kt version)" 0
	unload_mod kpatch-test-target
	end_test
fi

start_test "$rounds times there and back under calls"
if ! skipped; then
	spin_on
	before=$(ks calls)
	for ((i = 0; i < rounds; i++)); do
		set_direct 16
		wait_direct ks_f
		set_direct 0
		wait_until "ops" is_ops ks_f
	done
	set_direct 16
	wait_direct ks_f
	ran_new "there and back"
	diag "$(($(ks calls) - before)) calls"
	spin_off
	end_test
fi
