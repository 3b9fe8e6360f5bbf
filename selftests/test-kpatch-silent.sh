#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
# Nothing makes a patched function run its old code unnoticed: not a tracer
# that is switched, not a kprobe that was there first, not the sysctl
# kernel.ftrace_enabled, not ftrace's protection against recursion.  Each is
# refused, or calls are rescued, or the log and sysfs say what was missed.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_module kpatch-test-target kpatch-test-patch1 kpatch-test-patch2 \
	kpatch-test-trace
setup_config $((8 * ${#KPATCH_MODELS[@]}))

tracing=/sys/kernel/tracing
[[ -d $tracing/events ]] || tracing=/sys/kernel/debug/tracing
sysctl=/proc/sys/kernel/ftrace_enabled
trace=/sys/module/kpatch_test_trace/parameters
probing=
alone=

# have_tracer NAME
have_tracer() {
	grep -qw "$1" $tracing/available_tracers
}

# patched [FUNCTION]: with the target
patched() {
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1 ${1:+only="$1"}
}

is_guarded() {
	[[ $(guards guarded) == 1 && $(guards unguarded) == 0 ]]
}

# guarded: kt_f() is patched, and has a guard now that it is traced as well
guarded() {
	local start

	start=$(date +%s%N)
	wait_until "the guard of kt_f" is_guarded
	diag "the guard was there after $((($(date +%s%N) - start) / 1000000)) ms"
	check_eq "hazards" "$(cat $KPATCH_SYSFS/hazard)" none
}

# check_nested: tracers' handlers call kt_f(), and get the new one
check_nested() {
	local old calls missed rescued

	missed=$(guards missed)
	rescued=$(guards rescued)
	read -r old _ calls <$trace/nested
	check_eq "calls that ran the old function" "$old" 0
	diag "$calls calls, $(($(guards rescued) - rescued)) rescued"
	((calls)) || fail "there was no call"
	check_eq "calls that were missed" "$(guards missed)" "$missed"
}

# switch_tracers: of something else; what matters is that ftrace is at work
switch_tracers() {
	local i

	echo kt_sleep_callee >$tracing/set_ftrace_filter
	for ((i = 0; i < 20; i++)); do
		echo function >$tracing/current_tracer
		echo nop >$tracing/current_tracer
	done
	echo >$tracing/set_ftrace_filter
}

unpatched() {
	kpatch_unload kpatch-test-patch1
	unload_mod kpatch-test-target
}

# probe SPEC: by way of tracefs; fails where this kernel cannot
probe() {
	echo "$1" >$tracing/kprobe_events || return 1
	probing=1
	echo 1 >$tracing/events/kprobes/kt/enable
} 2>/dev/null

unprobe() {
	[[ -n $probing ]] || return 0
	echo 0 >$tracing/events/kprobes/kt/enable
	echo >$tracing/kprobe_events
	probing=
}

for model in "${KPATCH_MODELS[@]}"; do
	set_model "$model"
	limits 15000 20

	start_test "$model: tracers are switched on and off"
	if have_tracer function; then
		# The load comes later: a kernel without a reliable unwinder
		# might find it inside for ever.
		kpatch_load kpatch-test-patch1
		load_mod kpatch-test-target threads=6
		before=$(guards rescued)
		# from the first call on that sees the new function, each that
		# sees the old one is late
		echo 1 >$KT/next
		check_eq "the version" "$(kt version)" 1
		late=$(kt late)
		switch_tracers
		check_eq "calls that ran the old function" $(($(kt late) - late)) 0
		check_eq "calls that saw a mix" "$(kt mixes)" 0
		rescued=$(($(guards rescued) - before))
		diag "$(kt calls) calls, $rescued rescued, $(guards missed) missed"
		if grep -q ' function_trace_stop$' /proc/kallsyms; then
			((rescued)) || fail "nothing had to be rescued"
			log_says '^kpatch: calls of patched functions get past ftrace' ||
				((before)) || fail "the log does not say so"
		fi
		check_eq "hazards" "$(cat $KPATCH_SYSFS/hazard)" none
		unload_mod kpatch-test-target
		kpatch_unload kpatch-test-patch1
		end_test
	else
		skip_test "this kernel has no function tracer"
	fi

	start_test "$model: tracers are switched while a patch waits for a task"
	if have_tracer function; then
		kpatch_load kpatch-test-patch1
		load_mod kpatch-test-target threads=6
		echo 1 >$KT/next
		check_eq "the version" "$(kt version)" 1
		echo 0 >$KT/sleeper
		wait_until "the sleeper to go inside" sleepers 1
		limits 60000 1000000
		background try_insmod kpatch-test-patch2 sleeper=1
		TEST_MODULES+=(kpatch_test_patch2)
		wait_until "the switch to begin" moving kpatch_test_patch2
		late=$(kt late) unwatched=$(guards unwatched)
		switch_tracers
		late=$(($(kt late) - late)) unwatched=$(($(guards unwatched) - unwatched))
		echo 1 >$KT/release
		wait_background "$BG_PID"
		diag "status of insmod $BG_STATUS; $(kt calls) calls, $(guards rescued) rescued"
		# a task that has moved, or comes new, is ahead of others
		[[ $model == task ]] || check_eq "calls that ran an older function" "$late" 0
		check_eq "calls that saw a mix" "$(kt mixes)" 0
		if grep -q ' function_trace_stop$' /proc/kallsyms; then
			((unwatched)) || fail "nobody has counted that"
			log_says '^kpatch: call sites were changed [0-9]+ times while a patch was in transition' ||
				fail "the log does not say so"
		else
			check_eq "status of insmod" "$BG_STATUS" 0
			check_eq "times unwatched" "$unwatched" 0
		fi
		limits 15000 20
		unload_mod kpatch-test-target
		[[ $BG_STATUS != 0 ]] || kpatch_unload kpatch-test-patch2
		kpatch_unload kpatch-test-patch1
		end_test
	else
		skip_test "this kernel has no function tracer"
	fi

	start_test "$model: a kprobe was there first"
	load_mod kpatch-test-target
	if probe 'p:kt kpatch_test_target:kt_g'; then
		if try_insmod kpatch-test-patch1; then
			check_eq "the version" "$(kt version)" 1
			unprobe
			check_eq "the version without probe" "$(kt version)" 1
			kpatch_unload kpatch-test-patch1
		else
			check_match "why not" "$INSMOD_ERR" "busy"
			log_says '^kpatch: (a kprobe sits on kt_g|cannot redirect kt_g)' ||
				fail "the log does not say why not"
			unprobe
		fi
		check_eq "the original" "$(kt version)" 0
		unload_mod kpatch-test-target
		end_test
	else
		unload_mod kpatch-test-target
		skip_test "this kernel has no kprobe tracer"
	fi

	start_test "$model: a kprobe comes later, and goes"
	patched
	if probe 'p:kt kpatch_test_target:kt_g'; then
		check_eq "the version" "$(kt version)" 1
		unprobe
		check_eq "the version without probe" "$(kt version)" 1
		unpatched
		end_test
	else
		unpatched
		skip_test "this kernel has no kprobe tracer"
	fi

	start_test "$model: kernel.ftrace_enabled=0"
	patched
	if { echo 0 >$sysctl; } 2>/dev/null; then
		check_eq "the version" "$(kt version)" 1
		check_eq "hazards" "$(cat $KPATCH_SYSFS/hazard)" none
		wait_until "the log to say so" log_says \
			'^kpatch: kernel.ftrace_enabled is 0: patches stay in effect'
		# one that is not patched yet, and one that is
		load_failing_mod kpatch-test-patch2 only=kt_sleeper
		load_failing_mod kpatch-test-patch2 only=kt_g
		! kpatch_set kpatch-test-patch1 0 || fail "the patch was disabled"
		check_eq "the version still" "$(kt version)" 1
		echo 1 >$sysctl
		check_eq "the version afterwards" "$(kt version)" 1
		wait_until "the log to say so" log_says \
			'^kpatch: kernel.ftrace_enabled is 1'
	else
		check_eq "kernel.ftrace_enabled, refused" "$(cat $sysctl)" 1
	fi
	unpatched
	end_test

	start_test "$model: called from handlers of tracers that were there first"
	load_mod kpatch-test-target
	load_mod kpatch-test-trace
	kpatch_load kpatch-test-patch1 only=kt_f
	is_guarded || fail "kt_f has no guard: $(xargs <$KPATCH_SYSFS/guards)"
	check_nested
	kpatch_unload kpatch-test-patch1
	unload_mod kpatch-test-trace
	unload_mod kpatch-test-target
	end_test

	start_test "$model: called from handlers of tracers that come later"
	patched kt_f
	# what models put on the function themselves is no reason for a guard
	: "${alone:=$(guards guarded)}"
	check_eq "guards without a tracer" "$(guards guarded)" "$alone"
	load_mod kpatch-test-trace
	guarded
	check_nested
	unload_mod kpatch-test-trace
	unpatched
	end_test

	start_test "$model: called from the handler of a kprobe"
	patched kt_f
	load_mod kpatch-test-trace
	guarded
	missed=$(guards missed)
	read -r old _ calls <$trace/probed
	check_eq "calls" "$calls" 1
	# what cannot be helped is counted, and said
	check_eq "calls that were missed" $(($(guards missed) - missed)) "$old"
	if ((old)); then
		wait_until "the log to say so" log_says \
			'^kpatch: [0-9]+ calls of kt_f.* have run the old code'
	fi
	unload_mod kpatch-test-trace
	unpatched
	end_test
done
