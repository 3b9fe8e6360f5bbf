#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# samples/livepatch-meminfo: one label of /proc/meminfo changes, and not one
# byte beside it: same lines, same order, same columns; numbers are numbers.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
require_klp
require_cmd awk dd diff
require_module livepatch-meminfo
setup_config 3

# layout FILE: label, column where the number ends, unit of each line.  Numbers
# of more than 8 digits have outgrown their column, all that counts is the label
# before them, with its blanks.
layout() {
	awk '!/^[^ ]+: *[0-9]+( kB)?$/ {
		print "unexpected line: " $0
		next
	}
	{
		unit = sub(/ kB$/, "") ? " kB" : ""
		where = length($0)
		match($0, /[0-9]+$/)
		label = substr($0, 1, RSTART - 1)
		if (RLENGTH <= 8)
			sub(/ *$/, "", label)
		else
			where = "wide"
		print label "|" where "|" unit
	}' "$1"
}

# far_apart SLACK OLD NEW: the lines whose numbers differ by more than SLACK kB
far_apart() {
	awk -v slack="$1" 'NR == FNR { old[FNR] = $2; next }
		{ d = $2 - old[FNR] }
		d > slack || d < -slack { print old[FNR] " -> " $0 }' "$2" "$3"
}

# fixed FILE: the lines with numbers that do not change by themselves
fixed() {
	grep -E '^(MemTotal|SwapTotal|SwapFree|Zswap|Zswapped|NFS_Unstable|Bounce|CommitLimit|VmallocTotal|HardwareCorrupted|CmaTotal|Unaccepted|Balloon|HugePages_.*|Hugepagesize|Hugetlb):' "$1"
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"; on_exit $?' EXIT
log_on_and_off="$(log_load_lp livepatch-meminfo)
$(log_disable_lp livepatch-meminfo)
$(log_unload livepatch-meminfo)"

start_test "one label changes, no other byte does"
cat /proc/meminfo >"$dir/before"
load_lp livepatch-meminfo
cat /proc/meminfo >"$dir/patched"
disable_lp livepatch-meminfo
cat /proc/meminfo >"$dir/disabled"
unload_lp livepatch-meminfo
cat /proc/meminfo >"$dir/unloaded"

# since 4.4 the number is 0
check_match "the line before" "$(grep -i vmallocchunk "$dir/before")" \
	'^VmallocChunk: +[0-9]+ kB$'
check_match "the line with the patch" "$(grep -i vmallocchunk "$dir/patched")" \
	'^VMALLOCCHUNK: +[0-9]+ kB$'
layout "$dir/before" >"$dir/want"
check_eq "lines that this test cannot read" "$(grep unexpected "$dir/want" || :)" ""
for state in patched disabled unloaded; do
	[[ $state != patched ]] || sed -i 's/^VmallocChunk:/VMALLOCCHUNK:/' "$dir/want"
	check_eq "layout that differs, $state" \
		"$(diff "$dir/want" <(layout "$dir/$state"))" ""
	sed -i 's/^VMALLOCCHUNK:/VmallocChunk:/' "$dir/want"
	check_eq "numbers that should be the same, $state" \
		"$(diff <(fixed "$dir/before") <(fixed "$dir/$state"))" ""
done
check_result "$log_on_and_off"

# With some of the counters high, a wrong unit or a wrong counter would show.
start_test "the numbers mean the same"
{ echo always >/sys/kernel/mm/transparent_hugepage/enabled; } 2>/dev/null || :
head -c 96M /dev/zero >"$dir/shmem"
mkfifo "$dir/fifo"
exec {fifo}<>"$dir/fifo"
# stays in its write with 160 MiB of memory, in huge pages if there are some
background dd if=/dev/zero of="$dir/fifo" bs=160M count=1 status=none
dd_pid=$BG_PID
dd_is_full() {
	(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$dd_pid/status") > 160 * 1024))
}
wait_until "dd to fill its memory" dd_is_full
cat /proc/meminfo >"$dir/before"
load_lp livepatch-meminfo
cat /proc/meminfo >"$dir/patched"
disable_lp livepatch-meminfo
unload_lp livepatch-meminfo
cat /proc/meminfo >"$dir/after"
stop_background "$dd_pid"
exec {fifo}>&-
diag "$(grep -E '^(AnonPages|AnonHugePages|Shmem):' "$dir/before")"
# the kernel may turn pages into huge ones meanwhile, but not back
far_from() {
	far_apart 16384 "$dir/$1" "$dir/patched" | sed 's/.*-> //' | sort
}
check_eq "numbers more than 16 MiB away from those before and those after" \
	"$(comm -12 <(far_from before) <(far_from after))" ""
check_result "$log_on_and_off"

start_test "read in small pieces"
load_lp livepatch-meminfo
dd if=/proc/meminfo bs=7 status=none >"$dir/patched"
disable_lp livepatch-meminfo
unload_lp livepatch-meminfo
layout "$dir/before" | sed 's/^VmallocChunk:/VMALLOCCHUNK:/' >"$dir/want"
check_eq "layout that differs" "$(diff "$dir/want" <(layout "$dir/patched"))" ""
check_result "$log_on_and_off"
