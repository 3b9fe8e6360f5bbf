# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Load from load/kp-load, and patches that go on and off under it.

set -Eeuo pipefail

LOAD_STATUS_FILE=
LOAD_OUT=
LOAD_PID=
GEN=0			# every patch gets a generation of its own
REPLACED_STAYS=		# seconds from a patch's replacement to its unloading

LOAD_PROGRAM=$TEST_DIR/load/bin/kp-load

# require_load MODULE...: the load, and these modules beside its own
require_load() {
	require_module kptest-target "$@"
	[[ -x $LOAD_PROGRAM ]] || {
		tap_header
		echo "Bail out! load/bin/kp-load is not built: run 'make -C selftests programs'"
		trap - ERR
		exit "$KP_FAIL"
	}
}

# emulated: is this QEMU's emulator?
emulated() {
	grep -q 'model name.*TCG' /proc/cpuinfo
}

# load_pause: LOAD_PAUSE=RUN:PAUSE in ms, or empty: then all of the load sleeps
# together for a part of the time.  Only under QEMU's emulator, for one of these:
#
# Where mainline's live patching is not done at its first try, it tries again a
# second later, and ends hundreds of transitions a second after the last task has
# switched.  What the load does until then costs the host a processor, which
# other guests wait for.
#
# A kernel that patches all its cond_resched() calls for each transition (6.12)
# has every processor acknowledge each of these hundreds of changes.  The emulator,
# with one thread for all, lets the other processor go first, for a tenth of a
# second as long as it has something to do: then a transition takes minutes.
load_pause() {
	[[ -z ${LOAD_PAUSE+set} ]] || return 0
	LOAD_PAUSE=
	emulated || return 0
	if [[ $KP_ENGINE == klp ]]; then
		pause_load 20:60
	elif grep -q ' sched_dynamic_klp_enable$' /proc/kallsyms; then
		pause_load 40:40
	fi
}

# pause_load RUN:PAUSE: from the next start_load on
pause_load() {
	LOAD_PAUSE=$1
	diag "the load runs and pauses for $LOAD_PAUSE ms each, for QEMU's sake"
}

# start_load [OPTION...]: no patch may be there yet.  It may take all the time
# that is left, but not that of the test itself.
start_load() {
	local dir

	load_pause
	dir=$(mktemp -d)
	LOAD_STATUS_FILE=$dir/status
	LOAD_OUT=$dir/out
	background nice -n 15 "$LOAD_PROGRAM" -s "$LOAD_STATUS_FILE" -d "$dir" \
		${LOAD_PAUSE:+-p "$LOAD_PAUSE"} "$@" >"$LOAD_OUT" 2>&1
	LOAD_PID=$BG_PID
	wait_until "the load" test -s "$LOAD_STATUS_FILE"
}

load_runs() {
	runs "$LOAD_PID"
}

# load_faults: how many wrong reads there were up to now
load_faults() {
	awk '/^total:/ { print $NF }' "$LOAD_STATUS_FILE"
}

# old_reads KIND: how many of these there were up to now
old_reads() {
	awk -v kind="$1:" '$1 == kind { print $3 }' "$LOAD_STATUS_FILE"
}

# load_says REGEXP: in the counts up to now
load_says() {
	[[ $(<"$LOAD_STATUS_FILE") =~ $1 ]]
}

# mixed_reads REPORT [KIND]: how many calls saw a mix, of that kind of worker or of all
mixed_reads() {
	awk -v kind="${2:-}" '
		kind == "" || $1 == kind ":" {
			for (i = 1; i < NF; i++)
				if ($i == "mixed" && $(i + 1) ~ /^[0-9]+$/)
					n += $(i + 1)
		}
		END { print n + 0 }' <<<"$1"
}

# load_summary: the counts in one line
load_summary() {
	tail -n 1 "$LOAD_STATUS_FILE"
}

# stop_load: its status is in BG_STATUS, its report in LOAD_REPORT
stop_load() {
	stop_background "$LOAD_PID"
	# shellcheck disable=SC2034 # for the caller
	LOAD_REPORT=$(cat "$LOAD_OUT")
	LOAD_PID=
	rm -rf "$(dirname "$LOAD_OUT")"
}

# one_plain [PARAMETER...]: on and off
one_plain() {
	GEN=$((GEN + 1))
	load_lp kptest-load-a gen=$GEN "$@"
	disable_lp kptest-load-a
	unload_lp kptest-load-a
}

# plain_until REGEXP [PARAMETER...]: the same, but off when the load says that
plain_until() {
	local said=$1

	shift
	GEN=$((GEN + 1))
	load_lp kptest-load-a gen=$GEN "$@"
	wait_until "the load to say '$said'" load_says "$said"
	disable_lp kptest-load-a
	unload_lp kptest-load-a
}

log_plain() {
	log_load_lp kptest-load-a "gen=$1"
	log_disable_lp kptest-load-a
	log_unload kptest-load-a
}

# replace_chain COUNT: COUNT patches, of which each replaces the one before
replace_chain() {
	local i new old=

	for ((i = 0; i < $1; i++)); do
		new=kptest-load-a
		((i % 2 == 0)) || new=kptest-load-b
		GEN=$((GEN + 1))
		load_lp $new gen=$GEN replace=1
		if [[ -n $old ]]; then
			wait_gone "$old"
			[[ -z $REPLACED_STAYS ]] || nap "$REPLACED_STAYS"
			unload_lp "$old"
		fi
		old=$new
	done
	disable_lp "$old"
	unload_lp "$old"
}

# log_chain COUNT FIRST-GENERATION
log_chain() {
	local i new old=

	for ((i = 0; i < $1; i++)); do
		new=kptest-load-a
		((i % 2 == 0)) || new=kptest-load-b
		log_load_lp $new gen=$(($2 + i)) replace=1
		[[ -z $old ]] || log_unload $old
		old=$new
	done
	log_disable_lp $old
	log_unload $old
}

# one_reverse: off again while it still goes on
one_reverse() {
	GEN=$((GEN + 1))
	load_lp_nowait kptest-load-b gen=$GEN
	reverse_lp kptest-load-b
	wait_gone kptest-load-b
	unload_lp kptest-load-b
}

# log_reverse GENERATION GOT: what one_reverse leaves.  Of the log that there is,
# only this is taken: whether the transition came to its end all the same, when
# no task was busy, and if so, before or after our own line about the reverse.
log_reverse() {
	local ended=$'\n'"livepatch: 'kptest_load_b': patching complete" got=$'\n'$2
	local reverse=$'\n% reverse kptest-load-b'

	echo "% load kptest-load-b gen=$1"
	echo "livepatch: enabling patch 'kptest_load_b'"
	echo -n "livepatch: 'kptest_load_b': starting patching transition"
	case $got in
	*"$ended"*"$reverse"*) echo "$ended$reverse" ;;
	*"$ended"*) echo "$reverse$ended" ;;
	*) echo "$reverse" ;;
	esac
	log_transition kptest_load_b unpatching
	log_unload kptest-load-b
}
