#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
# Tracers on a patched function, its caller and its callee, put there before
# the patch or after it: the patch stays in effect, and the tracer sees all
# three called, patched or not.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_module kpatch-test-target kpatch-test-patch1

tracers=(function function_graph kprobe kretprobe)
setup_config $((2 * ${#KPATCH_MODELS[@]} * ${#tracers[@]}))

tracing=/sys/kernel/tracing
[[ -d $tracing/events ]] || tracing=/sys/kernel/debug/tracing

# the caller, the function that is patched, its callee (patched as well)
functions=(kt_get_outer kt_outer kt_f)
# kt_outer()'s answers
new=1 old=0

graph_is_ops=$(grep -w ftrace_graph_func /proc/kallsyms || :)

# trace_on TRACER: fails if this kernel has no such tracer
trace_on() {
	local f kind

	case $1 in
	function*)
		grep -qw "$1" $tracing/available_tracers || return 1
		echo "${functions[*]}" >$tracing/set_ftrace_filter
		echo "$1" >$tracing/current_tracer
		;;
	k*probe)
		kind=p
		[[ $1 == kprobe ]] || kind=r
		for f in "${functions[@]}"; do
			echo "$kind:at_$f kpatch_test_target:$f" >>$tracing/kprobe_events || return 1
			echo 1 >"$tracing/events/kprobes/at_$f/enable"
		done
		;;
	esac
} 2>/dev/null

trace_off() {
	local f

	case $1 in
	function*)
		echo nop >$tracing/current_tracer
		echo >$tracing/set_ftrace_filter
		;;
	k*probe)
		for f in "${functions[@]}"; do
			echo 0 >"$tracing/events/kprobes/at_$f/enable"
		done
		echo >$tracing/kprobe_events
		;;
	esac
}

# check_calls TRACER WHAT ANSWER: kt_outer() gives it, and TRACER sees it
check_calls() {
	local f i

	echo >$tracing/trace
	for i in 1 2 3; do
		check_eq "$2, call $i" "$(kt outer)" "$3"
	done
	# Before 5.18 this tracer does not see calls that others redirect.
	[[ $1 != function_graph || $3 == "$old" || -n $graph_is_ops ]] || return 0
	for f in "${functions[@]}"; do
		i=$(grep -v '^#' $tracing/trace | seen "$1" "$f")
		((i >= 3)) || fail "$2: $1 has seen $i of 3 calls of $f"
	done
}

# seen TRACER FUNCTION: so many lines of the trace are about its calls
seen() {
	case $1 in
	function) grep -cE " $2(\.[^ ]+)?( \[[^]]*\])? <-" || : ;;
	function_graph) grep -cE "[| ]$2(\.[^ ]+)?( \[[^]]*\])?\(\)" || : ;;
	*) grep -cE " at_$2: " || : ;;
	esac
}

for model in "${KPATCH_MODELS[@]}"; do
	for tracer in "${tracers[@]}"; do
		set_model "$model"
		limits 15000 20

		start_test "$model: $tracer, then the patch"
		load_mod kpatch-test-target
		if ! trace_on "$tracer"; then
			unload_mod kpatch-test-target
			skip_test "this kernel has no $tracer tracer"
			start_test "$model: the patch, then $tracer"
			skip_test "this kernel has no $tracer tracer"
			continue
		fi
		check_calls "$tracer" "before the patch" "$old"
		kpatch_load kpatch-test-patch1
		check_calls "$tracer" "patched" "$new"
		kpatch_unload kpatch-test-patch1
		check_calls "$tracer" "after the patch" "$old"
		trace_off "$tracer"
		unload_mod kpatch-test-target
		end_test

		start_test "$model: the patch, then $tracer"
		load_mod kpatch-test-target
		kpatch_load kpatch-test-patch1
		check_eq "patched" "$(kt outer)" "$new"
		trace_on "$tracer"
		check_calls "$tracer" "patched and traced" "$new"
		trace_off "$tracer"
		check_eq "no longer traced" "$(kt outer)" "$new"
		kpatch_unload kpatch-test-patch1
		check_eq "no longer patched" "$(kt outer)" "$old"
		unload_mod kpatch-test-target
		end_test
	done
done
