#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the selftests and reports them as TAP 13, each test's own output nested
# in it as diagnostics.  'make install' puts it beside kselftest-list.txt,
# which says what there is; 'make run_tests' uses it from the source tree.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
LIST=${KSELFTEST_LIST:-$HERE/kselftest-list.txt}
DEFAULT_TIMEOUT=300
KILL_AFTER=60		# seconds that a test gets to clean up after its time

usage() {
	cat <<EOU
usage: run_kselftest.sh [options]

  -l, --list                 list the tests, and run none
  -t, --test NAME            run this one (repeatable): collection:test-x.sh,
                             test-x.sh, test-x or a pattern of these
  -c, --collection NAME      run the tests of this collection (repeatable)
  -s, --summary              only the verdicts; each test's own output goes to
                             a file of its name in \$KSELFTEST_LOGS (/tmp)
  -o, --override-timeout N   seconds a test may take, whatever it asks for
  -d, --dry-run              say what would be run
  -h, --help                 this text

Status: 0 no test failed, 1 some failed, 2 wrong usage, 4 all were skipped.
EOU
}

die() {
	echo "run_kselftest.sh: $*" >&2
	exit 2
}

tests=()
collections=()
summary='' dry='' list='' override=''

need() {
	[[ $# -ge 2 ]] || die "$1 needs a value, see --help"
}

while [[ $# -gt 0 ]]; do
	case $1 in
	-l | --list) list=1 ;;
	-t | --test) need "$@"; tests+=("$2"); shift ;;
	-c | --collection) need "$@"; collections+=("$2"); shift ;;
	-s | --summary) summary=1 ;;
	-o | --override-timeout) need "$@"; override=$2; shift ;;
	-d | --dry-run) dry=1 ;;
	-h | --help) usage; exit 0 ;;
	*) die "unknown option $1, see --help" ;;
	esac
	shift
done
[[ -z $override || $override =~ ^[0-9]+$ ]] ||
	die "$override is not a number of seconds"
[[ -r $LIST ]] || die "$LIST is missing: was this directory made by 'make install'?"

# wanted COLLECTION TEST
wanted() {
	local pattern

	if [[ ${#collections[@]} -gt 0 ]]; then
		for pattern in "${collections[@]}"; do
			# shellcheck disable=SC2053 # a pattern is meant
			[[ $1 == $pattern ]] && return 0
		done
		[[ ${#tests[@]} -gt 0 ]] || return 1
	fi
	[[ ${#tests[@]} -gt 0 ]] || return 0
	for pattern in "${tests[@]}"; do
		pattern=${pattern#"$1:"}
		# shellcheck disable=SC2053 # a pattern is meant
		[[ $2 == $pattern || ${2%.sh} == $pattern ]] && return 0
	done
	return 1
}

# each -t must name something: a typing error is not a pass
check_patterns() {
	local pattern entry keep=("${tests[@]}")

	for pattern in "${keep[@]}"; do
		tests=("$pattern")
		for entry in "${all[@]}"; do
			wanted "${entry%%:*}" "${entry#*:}" && continue 2
		done
		die "no test is called $pattern (see --list)"
	done
	tests=("${keep[@]}")
}

# time_limit FILE: of the override, else of a line "# timeout: N" in the test
time_limit() {
	local own

	if [[ -n $override ]]; then
		echo "$override"
		return
	fi
	own=$(sed -n 's/^# timeout: \([0-9][0-9]*\)$/\1/p;20q' "$1")
	echo "${own:-$DEFAULT_TIMEOUT}"
}

# nested: the output of a test as diagnostics, line by line as it comes.  With
# --summary it goes to a file.  Why all of it was skipped is kept in $reason.
nested() {
	local line

	: >"$reason"
	while IFS= read -r line || [[ -n $line ]]; do
		[[ $line != '1..0 # SKIP '* ]] || echo "${line#1..0 # SKIP }" >"$reason"
		if [[ -n $summary ]]; then
			printf '%s\n' "$line" >&3
		else
			printf '# %s\n' "$line"
		fi
	done
}

# run_one DIRECTORY TEST SECONDS: with the status of the test
run_one() {
	local status=0

	cd "$1" || return 1
	timeout -k "$KILL_AFTER" "$3" bash "./$2" </dev/null 2>&1 || status=$?
	return "$status"
}

mapfile -t all < <(grep -E '^[^#:]+:.' "$LIST" || :)
if [[ ${#tests[@]} -gt 0 ]]; then
	check_patterns
fi

selected=()
for entry in "${all[@]}"; do
	if wanted "${entry%%:*}" "${entry#*:}"; then
		selected+=("$entry")
	fi
done

if [[ -n $list ]]; then
	[[ ${#selected[@]} -eq 0 ]] || printf '%s\n' "${selected[@]}"
	exit 0
fi
[[ ${#selected[@]} -gt 0 ]] || die "there is no such test (see --list)"

if [[ -n $summary ]]; then
	logs=${KSELFTEST_LOGS:-/tmp}
	mkdir -p "$logs"
fi

reason=$(mktemp)
trap 'rm -f "$reason"' EXIT

echo "TAP version 13"
echo "1..${#selected[@]}"
number=0 passed=0 failed=0 skipped=0
for entry in "${selected[@]}"; do
	number=$((number + 1))
	dir=$HERE/${entry%%:*}
	# in the source tree the collection is the directory itself
	[[ -d $dir ]] || dir=$HERE
	test=${entry#*:}
	title="selftests: ${entry%%:*}: $test"
	if [[ ! -f $dir/$test ]]; then
		echo "not ok $number $title # the file is missing"
		failed=$((failed + 1))
		continue
	fi
	seconds=$(time_limit "$dir/$test")
	if [[ -n $dry ]]; then
		echo "ok $number $title # SKIP dry run, timeout $seconds"
		skipped=$((skipped + 1))
		continue
	fi
	echo "# timeout set to $seconds"
	echo "# $title"
	start=$SECONDS
	status=0
	log=/dev/null
	[[ -z $summary ]] || log=$logs/$test.log
	(run_one "$dir" "$test" "$seconds") | nested 3>"$log" || status=${PIPESTATUS[0]}
	took=$((SECONDS - start))
	echo "# time: $took s"
	# killed, but not by the clock
	((status != 137 || took >= seconds)) || status=killed
	case $status in
	0)
		echo "ok $number $title"
		passed=$((passed + 1))
		;;
	4)
		why=$(<"$reason")
		echo "ok $number $title # SKIP${why:+ $why}"
		skipped=$((skipped + 1))
		;;
	124 | 137)
		echo "not ok $number $title # TIMEOUT $seconds seconds"
		failed=$((failed + 1))
		;;
	*)
		echo "not ok $number $title # exit=$status"
		failed=$((failed + 1))
		;;
	esac
done

echo "# Totals: pass:$passed fail:$failed skip:$skipped"
[[ $failed -eq 0 ]] || exit 1
[[ $passed -gt 0 || -n $dry ]] || exit 4
