#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Where the kernel is built to be preemptible but is not to be preempted, ftrace is
# preempted all the same while it works for us.  Where it may be, or shall not,
# nothing is done about it.  Either way the kernel is the same afterwards.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_cmd taskset
require_module kpatch-bench-target kpatch-bench-patch
setup_config 5

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"; on_exit $?' EXIT

KB=/sys/module/kpatch_bench_patch/parameters
preempt=/sys/kernel/debug/sched/preempt
[[ -e $preempt ]] || preempt=/sys/kernel/debug/sched_preempt
preemptible="this kernel is preemptible"

yields() {
	cat $KPATCH_SYSFS/yields
}

# why this case cannot be, on stdout; false: it can
hindered() {
	[[ $(yields) != [0-9]* ]] && yields
}

# mode: how preemptible the kernel is, one of none, voluntary, full and lazy
mode() {
	sed 's/.*(\(.*\)).*/\1/' $preempt
}

# on_and_off TIMES: a hundred functions
on_and_off() {
	local i

	for ((i = 0; i < $1; i++)); do
		echo 1 >$KB/on || die "cannot be enabled"
		echo 0 >$KB/on || die "cannot be disabled"
	done
}

# somebody on each CPU wants it a thousand times a second, and must have it
want_cpus() {
	local cpu

	rm -f "$WORK"/late.*
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		background taskset -c "$cpu" "$TEST_DIR/load/bin/kp-bench" late \
			"$WORK/late.$cpu"
		wait_until "it to run" test -s "$WORK/late.$cpu"
	done
}

finish() {
	let_cpus
	unload_mod kpatch-bench-patch
	unload_mod kpatch-bench-target
}

begin() {
	load_mod kpatch-bench-target
	load_mod kpatch-bench-patch funcs=100
	want_cpus
}

let_cpus() {
	local pid

	for pid in "${BG_PIDS[@]}"; do
		stop_background "$pid"
	done
}

start_test "others get the CPU while ftrace works"
if why=$(hindered); then
	skip_test "$why"
else
	begin
	before=$(yields)
	for ((i = 0; i < 50 && $(yields) == before; i++)); do
		on_and_off 1
	done
	diag "$(($(yields) - before)) times, in $i rounds"
	(($(yields) > before)) || fail "nobody got it"
	finish
	end_test
fi

start_test "a parameter switches it off"
if why=$(hindered); then
	skip_test "$why"
else
	begin
	echo 0 >$KPATCH_PARAMS/yield
	before=$(yields)
	on_and_off 5
	check_eq "yields, switched off" "$(yields)" "$before"
	echo 1 >$KPATCH_PARAMS/yield
	finish
	end_test
fi

start_test "a preemptible kernel needs no help"
if why=$(hindered); then
	skip_test "$why"
elif [[ ! -e $preempt ]]; then
	skip_test "$preempt does not exist"
else
	begin
	was=$(mode)
	before=$(yields)
	echo full >$preempt
	on_and_off 5
	check_eq "yields, with preempt=full" "$(yields)" "$preemptible"
	check_eq "how preemptible it is" "$(mode)" full
	echo "$was" >$preempt
	check_eq "yields, as before" "$(yields)" "$before"
	finish
	end_test
fi

start_test "what the kernel was made to be is known"
if [[ ! -e $preempt ]]; then
	skip_test "$preempt does not exist"
else
	case $(mode) in
	full | lazy) check_eq "yields" "$(yields)" "$preemptible" ;;
	*) check_match "yields" "$(yields)" "^[0-9]+$" ;;
	esac
	end_test
fi

start_test "the kernel is left as it was"
if why=$(hindered); then
	skip_test "$why"
else
	begin
	on_and_off 3
	check_match "yields" "$(yields)" "^[0-9]+$"
	# If interrupts still led into the module, they would not survive this.
	finish
	drop_engine || die "kpatch.ko cannot be unloaded"
	want_cpus
	nap 2
	let_cpus
	load_engine || die "kpatch.ko cannot be loaded again"
	end_test
fi
