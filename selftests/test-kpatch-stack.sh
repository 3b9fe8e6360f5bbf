#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A task that is inside of a function keeps it from being switched, in every
# model and however it got there, and is named.  One that only has an address of
# it on the stack does not, where there is an unwinder; nor does one that sleeps in
# a call whose return is probed, where the unwinder knows the way back.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_module kpatch-test-target kpatch-test-patch1 kpatch-test-pause

kinds=(plain deep busy cold alias kretprobe graph exit)
setup_config $((${#KPATCH_MODELS[@]} * (${#kinds[@]} + 3) + 1))

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"; on_exit $?' EXIT

tracing=/sys/kernel/tracing
[[ -d $tracing/events ]] || tracing=/sys/kernel/debug/tracing

# a process whose exit closes a file sleeps there
exit_inside() {
	exec 9</sys/kernel/debug/kpatch_test/exit
	kill -9 $BASHPID
}

NEW=/sys/module/kpatch_test_patch1/parameters

# has_cold FUNCTION: has the compiler moved a part of it elsewhere?
has_cold() {
	grep -qE " $1\.cold(\.[0-9]+)?[[:space:]]" /proc/kallsyms
}

# go_inside KIND: fails if this kernel cannot do it
go_inside() {
	case $1 in
	plain) echo 0 >$KT/sleeper ;;
	deep) echo 1 >$KT/sleeper ;;
	busy) echo 2 >$KT/sleeper ;;
	cold | alias)
		has_cold kt_sleeper || return 1
		echo 3 >$KT/sleeper
		;;
	kretprobe)
		echo >$tracing/trace
		{ echo 'r:kt kpatch_test_target:kt_sleep_callee' >$tracing/kprobe_events; } 2>/dev/null || return 1
		echo 1 >$tracing/events/kprobes/kt/enable
		echo 0 >$KT/sleeper
		;;
	graph)
		grep -qw function_graph $tracing/available_tracers || return 1
		# Two that the sleeper is in; all of the kernel's functions would keep
		# the emulator busy for long.
		echo kt_sleep_callee schedule >$tracing/set_ftrace_filter
		echo kt_sleep_callee >$tracing/set_graph_function
		echo function_graph >$tracing/current_tracer
		echo 0 >$KT/sleeper
		;;
	exit) background exit_inside ;;
	esac
}

# knows_way_back KIND: does the unwinder see through what that does to a return?
knows_way_back() {
	[[ $1 == @(kretprobe|graph) ]] || return 1
	[[ $(<$KPATCH_SYSFS/unwinder) == *stack_trace* ]] || return 1
	[[ $1 != kretprobe ]] || grep -qw arch_rethook_trampoline /proc/kallsyms
}

come_out() {
	echo 1 >$KT/release
	wait_until "the sleeper to come out" sleepers 0
	[[ $1 != @(kretprobe|graph) ]] || grep -q kt_sleep_callee $tracing/trace ||
		fail "the $1 tracer has not seen where it slept"
	case $1 in
	kretprobe)
		echo 0 >$tracing/events/kprobes/kt/enable
		echo >$tracing/kprobe_events
		;;
	graph)
		echo nop >$tracing/current_tracer
		echo >$tracing/set_graph_function
		echo >$tracing/set_ftrace_filter
		;;
	exit) wait_background "$BG_PID" ;;
	esac
}

# where a process sleeps in pause(2): a compiler may inline the one into the other
PAUSE='(__x64_sys|__do_sys|sys)_pause'

# sleeps_in FUNCTION: in BG_PID
sleeps_in() {
	grep -qE "[ ]$1\+" "/proc/$BG_PID/stack"
}

# pause FUNCTION: a process goes to sleep there, in pause(2)
pause() {
	: >"$WORK/out"
	background "$TEST_DIR/load/bin/kp-bench" sleepers 1 >"$WORK/out"
	wait_until "the process to say so" grep -q ready "$WORK/out"
	wait_until "it to sleep in $1" sleeps_in "$1"
}

# goes_over FROM TO COMMAND...: while a process sleeps in FROM.  The command fails,
# and the log says why; or the process has been sent out, and sleeps in TO now.
goes_over() {
	local from=$1 to=$2

	shift 2
	pause "$from"
	limits 700 3
	if "$@"; then
		check_cmd "sleeps elsewhere" loop_until sleeps_in "$to"
	else
		log_says "is inside ($PAUSE|new_pause|the kernel, running):" ||
			fail "the log does not say who is inside"
		# it may have been sent out, and be on its way back
		check_cmd "sleeps where it was" loop_until sleeps_in "$from"
	fi
	stop_background "$BG_PID"
	limits 15000 20
}

for model in "${KPATCH_MODELS[@]}"; do
	for kind in "${kinds[@]}"; do
		start_test "$model: $kind"
		set_model "$model"
		load_mod kpatch-test-target
		if ! go_inside "$kind"; then
			unload_mod kpatch-test-target
			skip_test "this kernel has no $kind tracer"
			continue
		fi
		wait_until "the sleeper to go inside" sleepers 1

		limits 700 3
		func=kt_sleeper
		[[ $kind != alias ]] || func=kt_sleeper_alias
		if try_insmod kpatch-test-patch1 only=$func; then
			fail "the function was switched with a task inside"
			come_out "$kind"
			kpatch_unload kpatch-test-patch1
			unload_mod kpatch-test-target
			end_test
			continue
		fi
		check_match "why not" "$INSMOD_ERR" "busy"
		# one that is running at the time is named, but not where it is;
		# nor is one whose way back only a tracer knows (5.10's kretprobe)
		where="$func|the kernel, running"
		[[ $kind != @(kretprobe|graph) ]] || where+='|a call whose return is probed'
		log_says "^kpatch: [^ ]+ \(pid [0-9]+\) is inside ($where):" ||
			fail "the log does not say who is inside"

		limits 15000 20
		if knows_way_back "$kind"; then
			kpatch_load kpatch-test-patch1 only=kt_f
			kpatch_unload kpatch-test-patch1
			[[ $(kt asleep) == 1 ]] || fail "the sleeper has not stayed there"
		elif [[ $kind == @(kretprobe|graph) ]]; then
			diag "this kernel's unwinder does not see through it: no other function is patched"
		fi
		come_out "$kind"
		kpatch_load kpatch-test-patch1 only=$func
		kpatch_unload kpatch-test-patch1
		unload_mod kpatch-test-target
		end_test
	done

	start_test "$model: a mere address"
	set_model "$model"
	load_mod kpatch-test-target
	echo 4 >$KT/sleeper
	wait_until "the sleeper to be there" sleepers 1
	if [[ $(<$KPATCH_SYSFS/unwinder) == none ]]; then
		limits 700 3
		! try_insmod kpatch-test-patch1 only=kt_sleeper ||
			die "nobody saw the address"
		log_says "is inside kt_sleeper:" ||
			fail "the log does not say who seems to be inside"
	else
		limits 15000 20
		kpatch_load kpatch-test-patch1 only=kt_sleeper
		kpatch_unload kpatch-test-patch1
	fi
	echo 1 >$KT/release
	wait_until "the sleeper to come out" sleepers 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a system call's own function, old and new"
	set_model "$model"
	goes_over "$PAUSE" new_pause try_insmod kpatch-test-pause
	[[ -d /sys/module/kpatch_test_pause ]] || kpatch_load kpatch-test-pause
	goes_over new_pause "$PAUSE" kpatch_set kpatch-test-pause 0
	[[ $(<$KPATCH_SYSFS/kpatch_test_pause/enabled) == 0 ]] ||
		kpatch_off kpatch-test-pause
	unload_mod kpatch-test-pause
	end_test

	start_test "$model: cold, and new"
	set_model "$model"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1 only=kt_sleeper
	if ! has_cold new_sleeper; then
		kpatch_unload kpatch-test-patch1
		unload_mod kpatch-test-target
		skip_test "this compiler has left new_sleeper() in one piece"
		continue
	fi
	echo 3 >$KT/sleeper
	wait_until "the sleeper to go inside" staying kpatch-test-patch1 1
	limits 700 3
	if kpatch_set kpatch-test-patch1 0; then
		fail "the function was switched back with a task inside"
	fi
	log_says "is inside (kt_sleeper|the kernel, running):" ||
		fail "the log does not say who is inside"
	echo 0 >$NEW/stay
	wait_until "the sleeper to come out" staying kpatch-test-patch1 0
	limits 15000 20
	kpatch_unload kpatch-test-patch1
	unload_mod kpatch-test-target
	end_test
done

# The patch has met the module before, and its function was shorter then.  Where
# tasks sleep in the old one matters when a switch back to it is turned round.
start_test "task: a module comes again, as another build"
set_model task
limits 60000 1000000
load_mod kpatch-test-target
kpatch_load kpatch-test-patch1 only=kt_sleeper
unload_mod kpatch-test-target
sed 's/kpatch_test_targex/kpatch_test_target/g' "$(module_path kpatch-test-targex)" \
	>"$WORK/kpatch-test-target.ko"
KP_TEST_MODULES=$WORK load_mod kpatch-test-target
echo 3 >$KT/sleeper
wait_until "a task to be inside of the new function" staying kpatch-test-patch1 1
background kpatch_set kpatch-test-patch1 0
# Made by a task that has moved; until that is so, those that come return at once.
old_sleeper() {
	echo 0 >$KT/sleeper
	sleep 0.2
	! sleepers 0
}
wait_until "a task to be inside of the old function" old_sleeper
check_eq "transition" "$(<$KPATCH_SYSFS/transition)" kpatch_test_patch1
echo kpatch_test_patch1 >$KPATCH_SYSFS/reverse || fail "it cannot be turned round"
sleep 2
check_eq "transition, with a task inside" "$(<$KPATCH_SYSFS/transition)" kpatch_test_patch1
echo 1 >$KT/release
wait_until "the sleeper to come out" sleepers 0
wait_background "$BG_PID"
check_eq "transition, without" "$(<$KPATCH_SYSFS/transition)" none
echo 0 >$NEW/stay
wait_until "the other to come out" staying kpatch-test-patch1 0
limits 15000 20
kpatch_unload kpatch-test-patch1
unload_mod kpatch-test-target
end_test
