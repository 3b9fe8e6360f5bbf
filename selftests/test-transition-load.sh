#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 1500
#
# Patches go on and off while tasks call the patched functions in storms,
# sleep inside of them, fork, burn CPU time and write files.  Every read must
# be right (load/checker.h says what that means), nothing may hang, nothing
# may be lost.
#
# KP_LOAD_CYCLES  how often on and off, default 200; rounded up to tens
#
# Where the kernel's own live patching runs on a kernel that preempts itself, a
# mixed read is possible, by any worker that calls both functions, and is reported
# rather than failed.  A task that is preempted in ftrace's trampoline, between the
# handler's choice and the jump to what was chosen, has no address of that on its
# stack that the unwinder would show; so it is switched, and then runs the function
# that was chosen before.  (Where one patch has replaced another, nobody waits for
# that either: if the module had gone meanwhile, the kernel would crash.)  And up to
# 6.2 the unwinder takes a task that is preempted in the thunk of an indirect call
# for one with an empty stack.  kpatch.ko takes the call site, whose address is
# there, as a part of the function (Documentation/core.md), and does not believe in
# such ends (core/stack.c); with it there must be no such read.

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/lib-leaks.sh"
. "$(dirname "$0")/lib-load.sh"

CYCLES=${KP_LOAD_CYCLES:-200}
ROUND=10		# cycles a round: 4 plain ones, a chain of 5, a reversed one

require_klp
require_load kptest-load-a kptest-load-b
setup_config 7
[[ $CYCLES =~ ^[1-9][0-9]*$ ]] || die "KP_LOAD_CYCLES=$CYCLES is no number"
CYCLES=$(((CYCLES + ROUND - 1) / ROUND * ROUND))

# kernel_preempts: may a task be preempted while it is in the kernel?  With
# PREEMPT_DYNAMIC that is a matter of the mode; from 7.0 on x86 has only "full"
# and "lazy", which both do it.
kernel_preempts() {
	local modes=/sys/kernel/debug/sched/preempt

	case $(uname -v) in
	*PREEMPT_DYNAMIC*) grep -qE '\((full|lazy)\)' "$modes" ;;
	*PREEMPT*) ;;
	*) return 1 ;;
	esac
}

# kernel_mixes: may the kernel itself let a call see a mix?
kernel_mixes() {
	[[ $KP_ENGINE == klp ]] && kernel_preempts
}

# excused REPORT: how many of its mixed reads may be the kernel's own fault
excused() {
	local mixed

	if ! kernel_mixes; then
		echo 0
		return
	fi
	mixed=$(mixed_reads "$1")
	echo $((mixed > CYCLES ? CYCLES : mixed))
}

# Who was preempted gets there before the module goes: others give way by then.
# shellcheck disable=SC2034 # for replace_chain
! kernel_mixes || REPLACED_STAYS=0.3

subset=
((CYCLES >= 200)) || subset=" (a subset: $CYCLES of 200)"

# one_round: ROUND cycles, and a look at their log
one_round() {
	local i first=$((GEN + 1)) want='' got

	for i in 1 2 3 4; do
		# shellcheck disable=SC2119
		one_plain
		want+="$(log_plain $((first + i - 1)))"$'\n'
	done
	replace_chain 5
	want+=$(log_chain 5 $((first + 4)))
	check_log "$want"
	one_reverse
	got=$(our_log "$LOG_MARK")
	[[ $got == *"': patching complete"* ]] || reversed=$((reversed + 1))
	check_log "$(log_reverse "$GEN" "$got")"
}

start_test "the tests before have lost no memory: kmemleak"
if [[ -w /sys/kernel/debug/kmemleak ]]; then
	check_eq "kmemleak's report" "$(kmemleak_report)" ""
	case_done
else
	skip_test "this kernel has no kmemleak"
fi

reversed=0
start_test "patches go on and off $CYCLES times under load$subset"
load_mod kptest-target
check_log "$(log_load kptest-target)
kptest_target: init"
# what the first use allocates for good is not a leak
# shellcheck disable=SC2119
one_plain
replace_chain 2
new_log_mark "warm"
before=$(leak_baseline)
# shellcheck disable=SC2119
start_load
begin=$SECONDS
done_cycles=0
while ((done_cycles < CYCLES)); do
	one_round
	done_cycles=$((done_cycles + ROUND))
	diag "$done_cycles/$CYCLES cycles in $((SECONDS - begin)) s; reads $(load_summary)"
	load_runs || die "the load ended before its time:" "$(cat "$LOAD_OUT")"
	[[ $(load_faults) -le $(excused "$(<"$LOAD_STATUS_FILE")") ]] || break
	[[ -z $CASE_FAILED ]] || break
done
check_eq "cycles done" "$done_cycles" "$CYCLES"
diag "$reversed transitions were reversed before their end"
stop_load
diag "$LOAD_REPORT"
case_done

start_test "every read was wholly old or wholly new, and none went back"
mixed=$(excused "$LOAD_REPORT")
((mixed == 0)) ||
	diag "the kernel's own live patching let $mixed calls see a mix: see the head of this test"
check_match "the checker's total" "$LOAD_REPORT" $'\n'"total: old [1-9][0-9]* new [1-9][0-9]* faults $mixed$"
for kind in text pair slow sleep fork thread; do
	# which worker an excused one was is chance; the total counts them all
	own=0
	((mixed == 0)) || own=$(mixed_reads "$LOAD_REPORT" "$kind")
	check_match "$kind saw both" "$LOAD_REPORT" \
		"(^|"$'\n'")$kind: old [1-9][0-9]* new [1-9][0-9]* torn 0 mixed $own backwards 0 errors 0"$'\n'
done
case_done

start_test "no task of the load hung or died"
# it ends with 1 if a read was wrong
check_eq "status of the load" "$BG_STATUS" $((mixed > 0))
! grep -E '^(hung|died|does not stop):' <<<"$LOAD_REPORT" || fail "see above"
case_done

start_test "no reference to a module is left"
check_cmd "the target is unused" loop_until mod_unused kptest_target
unload_mod kptest-target
check_result "$(log_unload kptest-target)
kptest_target: exit"

start_test "no memory is lost: slab caches"
load_mod kptest-target
check_log "$(log_load kptest-target)
kptest_target: init"
leaks_since "$before" "$CYCLES"
if [[ -n $LEAKS ]]; then
	# the load's own traces can stay for long; a leak goes on without it
	diag "these grew in $CYCLES cycles under load:" "$LEAKS"
	suspects=$LEAKS
	before=$(leak_baseline)
	for ((done_cycles = 0; done_cycles < CYCLES; done_cycles += ROUND)); do
		one_round
	done
	leaks_since "$before" "$CYCLES"
	LEAKS=$(join <(echo "$suspects") <(echo "$LEAKS"))
	[[ -z $LEAKS ]] || fail "these grew in $CYCLES cycles, with load and without:" "$LEAKS"
fi
new_log_mark "the end"
unload_mod kptest-target
check_result "$(log_unload kptest-target)
kptest_target: exit"

start_test "no memory is lost: kmemleak"
if [[ -w /sys/kernel/debug/kmemleak ]]; then
	check_eq "kmemleak's report" "$(kmemleak_report)" ""
	case_done
else
	skip_test "this kernel has no kmemleak"
fi
