# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Reading the TAP that a run of kselftests leaves, and telling it in a table.
# A result is a line "TEST STATUS SECONDS"; STATUS is pass, fail, skip or
# lost (the VM went away under the test).

# kp_tap_results RC TAPLOG TEST...: results of one VM, whose run ended with RC.
kp_tap_results() {
	local rc=$1 log=$2 t line begun verdict

	shift 2
	for t in "$@"; do
		line=$(tr -d '\r' <"$log" | grep -aE "^(not )?ok [0-9]+ selftests: livepatch: $t( |\$)" | tail -n 1) || true
		begun=$(tr -d '\r' <"$log" | grep -acxE "# selftests: livepatch: $t") || true
		case $line in
		"ok "*"# SKIP"*) verdict=skip ;;
		"ok "*) verdict=pass ;;
		"not ok "*) verdict=fail ;;
		*)
			# Begun and not ended: the VM was lost in it.
			[ "$begun" -gt 0 ] || continue
			verdict=lost
			[ "$rc" != "$KP_EXIT_SPLAT" ] || verdict=fail
			;;
		esac
		printf '%s %s %s\n' "$t" "$verdict" \
			"$(kp_tap_seconds "$t" "$log")"
	done
	# What the kernel complained about is in the log; whichever test it was
	# in, the run as a whole has failed.
	[ "$rc" != "$KP_EXIT_SPLAT" ] || printf 'kernel-log fail 0\n'
}

# The runner says after each test how long it took.
kp_tap_seconds() {
	tr -d '\r' <"$2" | awk -v t="# selftests: livepatch: $1" '
		$0 == t { mine = 1 }
		mine && /^#? ?time: [0-9]+ s$/ { n = $(NF - 1); mine = 0 }
		END { print n + 0 }'
}

# kp_tap_pending RESULTS TEST...: those of the tests that have no result.
# Where a VM ran none of them, the first counts as lost: it must not go on
# for ever.
kp_tap_pending() {
	local results=$1 t

	shift
	grep -q '^test-' "$results" || {
		printf '%s lost 0\n' "$1" >>"$results"
		printf '%s lost 0\n' "$1" >>"${results%/*}/../results"
	}
	for t in "$@"; do
		grep -q "^$t " "$results" || printf '%s\n' "$t"
	done
}

# kp_tap_plain RESULTS: what ran outside the VM, as TAP.
kp_tap_plain() {
	local t verdict seconds

	while read -r t verdict seconds; do
		case $t:$verdict in
		test-*) ;;
		*:pass) printf 'ok - %s # time=%ss\n' "$t" "$seconds" ;;
		*:skip) printf 'ok - %s # SKIP\n' "$t" ;;
		*) printf 'not ok - %s # %s\n' "$t" "$verdict" ;;
		esac
	done <"$1"
}

# kp_tap_table DIR KERNEL...: test x kernel.
kp_tap_table() {
	local dir=$1 rows row k verdict

	shift
	rows=$(for k in "$@"; do cut -d' ' -f1 "$dir/$k/results"; done | awk '!seen[$0]++')
	printf '\n%-34s' test
	for k in "$@"; do
		printf ' %12.12s' "$k"
	done
	printf '\n'
	while read -r row; do
		[ -n "$row" ] || continue
		printf '%-34s' "${row%.sh}"
		for k in "$@"; do
			verdict=$(awk -v t="$row" '$1 == t { v = $2 " " $3 } END { print v }' "$dir/$k/results")
			case $verdict in
			'') printf ' %12s' - ;;
			lost*) printf ' %12s' 'VM LOST' ;;
			fail*) printf ' %12s' FAIL ;;
			*) printf ' %6s %4ds' "${verdict% *}" "${verdict#* }" ;;
			esac
		done
		printf '\n'
	done <<<"$rows"
}

# kp_tap_totals DIR KERNEL...: the closing line; status 0 if nothing failed.
kp_tap_totals() {
	local dir=$1 k

	shift
	for k in "$@"; do
		cat "$dir/$k/results"
	done | awk '
		$2 == "pass" { pass++ }
		$2 == "skip" { skip++ }
		$2 == "fail" || $2 == "lost" { fail++ }
		END {
			printf "%d passed, %d failed, %d skipped\n", pass, fail, skip
			exit !(pass > 0 && fail == 0)
		}'
}
