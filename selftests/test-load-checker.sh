#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# A test of the tests: what test-transition-load.sh looks for is made to
# happen, and has to be found.

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/lib-leaks.sh"
. "$(dirname "$0")/lib-load.sh"

require_klp
require_load kptest-load-a kptest-load-b
setup_config 8

FEW=(-n cpu=0 -n text=1 -n pair=1 -n slow=1 -n sleep=0 -n fork=0 -n thread=0 -n io=0)

log_target() {
	log_load kptest-target
	echo "kptest_target: init"
}

log_target_end() {
	log_unload kptest-target
	echo "kptest_target: exit"
}

start_test "control: nothing is wrong, nothing is found"
load_mod kptest-target
start_load "${FEW[@]}"
one_plain
stop_load
check_eq "status" "$BG_STATUS" 0
check_match "report" "$LOAD_REPORT" 'faults 0$'
unload_mod kptest-target
check_result "$(log_target)
$(log_plain "$GEN")
$(log_target_end)"

start_test "one of two functions is not patched: mixed reads"
load_mod kptest-target
start_load "${FEW[@]}"
plain_until 'pair: [^:]* mixed [1-9].*slow: [^:]* mixed [1-9]' broken=1
stop_load
check_eq "status" "$BG_STATUS" 1
check_match "report" "$LOAD_REPORT" 'pair: [^:]* torn 0 mixed [1-9][0-9]* '
check_match "report" "$LOAD_REPORT" 'slow: [^:]* torn 0 mixed [1-9][0-9]* '
check_match "the first one" "$LOAD_REPORT" "fault: pair0: task [0-9]*: mixed: \"outer=new:$GEN inner=old,old"
check_match "the total" "$LOAD_REPORT" "faults $(mixed_reads "$LOAD_REPORT")$"
check_eq "those of pair and slow" \
	"$(($(mixed_reads "$LOAD_REPORT" pair) + $(mixed_reads "$LOAD_REPORT" slow)))" "$(mixed_reads "$LOAD_REPORT")"
unload_mod kptest-target
check_result "$(log_target)
$(log_load_lp kptest-load-a gen="$GEN" broken=1)
$(log_disable_lp kptest-load-a)
$(log_unload kptest-load-a)
$(log_target_end)"

start_test "a text that is neither the old nor the new one"
load_mod kptest-target
start_load "${FEW[@]}"
plain_until 'text: [^:]* torn [1-9]' garbled=1
stop_load
check_eq "status" "$BG_STATUS" 1
check_match "report" "$LOAD_REPORT" 'text: [^:]* torn [1-9][0-9]* mixed 0 '
check_match "the first one" "$LOAD_REPORT" 'fault: text0: task [0-9]*: neither old nor new: "cmdline new:\$"'
unload_mod kptest-target
check_result "$(log_target)
$(log_load_lp kptest-load-a gen="$GEN" garbled=1)
$(log_disable_lp kptest-load-a)
$(log_unload kptest-load-a)
$(log_target_end)"

# since the patch has gone
both_saw_old() {
	(($(old_reads text) > text_old && $(old_reads pair) > pair_old))
}

start_test "a generation that was over comes back"
load_mod kptest-target
start_load "${FEW[@]}"
GEN=$((GEN + 1))
load_lp kptest-load-a gen=$GEN
wait_until "both to see the patch" load_says \
	'text: old [0-9]* new [1-9].*pair: old [0-9]* new [1-9]'
text_old=$(old_reads text) pair_old=$(old_reads pair)
disable_lp kptest-load-a
unload_lp kptest-load-a
wait_until "both to see the original again" both_saw_old
GEN=$((GEN - 1))
plain_until 'text: [^:]* backwards [1-9].*pair: [^:]* backwards [1-9]'
stop_load
check_eq "status" "$BG_STATUS" 1
check_match "report" "$LOAD_REPORT" 'text: [^:]* mixed 0 backwards [1-9][0-9]* '
check_match "report" "$LOAD_REPORT" 'pair: [^:]* mixed 0 backwards [1-9][0-9]* '
unload_mod kptest-target
check_result "$(log_target)
$(log_plain "$GEN")
$(log_plain "$GEN")
$(log_target_end)"

start_test "a worker stands still: the watchdog names it"
load_mod kptest-target
start_load "${FEW[@]}" -w 3
victim=$(pgrep -P "$LOAD_PID" | head -n 1)
kill -STOP "$victim"
loop_until eval '! load_runs' || fail "the watchdog did not bark"
wait_background "$LOAD_PID"
check_eq "status" "$BG_STATUS" 3
check_match "report" "$(cat "$LOAD_OUT")" "hung: [a-z]*[0-9] \(pid $victim\)"
kill -KILL "$victim" 2>/dev/null || :
unload_mod kptest-target
check_result "$(log_target)
$(log_target_end)"

# what objects of 1024 bytes are from; the kernel may have made it one with others
lost=$(slab_caches | sed -nE 's/^[^ ]* (kmalloc-(1k|1024))$/\1/p')
start_test "memory is lost at each load, and is not: slab caches"
if [[ -z $lost ]]; then
	skip_test "objects of 1024 bytes share a cache with others: boot with slub_nomerge"
else
	load_mod kptest-target
	one_plain
	before=$(leak_baseline)
	for _ in 1 2 3 4; do
		one_plain
	done
	leaks_since "$before" 4
	check_eq "what grew without a leak" "$LEAKS" ""
	for _ in 1 2 3 4; do
		one_plain leak=100
	done
	leaks_since "$before" 4
	check_match "what grew" "$LEAKS" "$lost \\+[0-9]"
	new_log_mark "unload"
	unload_mod kptest-target
	check_result "$(log_target_end)"
fi

start_test "memory is lost at each load, and is not: kmemleak"
if [[ -w /sys/kernel/debug/kmemleak ]]; then
	kmemleak_forget		# the case before has lost some
	load_mod kptest-target
	one_plain
	check_eq "report without a leak" "$(kmemleak_report)" ""
	one_plain leak=100
	check_match "report" "$(kmemleak_report)" 'unreferenced object .*size 1024'
	{ echo clear >/sys/kernel/debug/kmemleak; } 2>/dev/null
	new_log_mark "unload"
	unload_mod kptest-target
	check_result "$(log_target_end)"
else
	skip_test "this kernel has no kmemleak"
fi

start_test "what a sample loses on purpose is told from what is lost"
# record BYTES: as kmemleak prints one; the first bytes of the object differ
record() {
	cat <<EOT
unreferenced object 0xffff88807f31ec00 (size 256):
  comm "bash", pid 932, jiffies 4294973246
  hex dump (first 32 bytes):
    $1
    79 20 62 61 73 68 00 00 00 00 00 00 00 00 00 00  y bash..........
  backtrace:
    [<0000000092c8ac4e>] kmalloc_trace+0x26/0xc0
EOT
}
on_purpose=$(record 'c0 20 06 c0 ff ff ff ff 6f 70 65 6e 65 64 20 62  . ......opened b')
other=$(record '6f 70 65 6e 65 64 20 62 c0 20 06 c0 ff ff ff ff  opened b. ......')
check_eq "what is left" \
	"$(printf '%s\n' "$on_purpose" "$other" "$on_purpose" "$other" | kmemleak_unexpected)" \
	"$other"$'\n'"$other"
check_eq "what is left of nothing" "$(kmemleak_unexpected </dev/null)" ""
case_done
