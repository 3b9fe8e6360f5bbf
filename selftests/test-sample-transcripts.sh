#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the transcripts at the head of the samples, and compare what they print.
#
# A transcript is made of lines in the sample's first comment:
#
#	 *   # command, one line of shell
#	 *   the lines that it prints, if any
#
# A command's output ends at the next command or at a line without text.  The
# commands run one by one, with samples/ as in the source tree.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
require_klp
require_cmd timeout
require_module livepatch-cmdline

samples=
for dir in ${KP_TEST_SAMPLES:-} "$TEST_DIR/samples" "$TEST_DIR/../samples"; do
	if [[ -f $dir/livepatch-cmdline.c ]]; then
		samples=$dir
		break
	fi
done
[[ -n $samples ]] || {
	tap_header
	echo "Bail out! the sources of the samples are not here"
	exit "$KP_FAIL"
}
files=()
for file in "$samples"/livepatch-*.c; do
	[[ $file == *.mod.c ]] || files+=("$file")	# made by Kbuild
done
setup_config $((${#files[@]} + 1))

stage=$(mktemp -d)
trap 'rm -rf "$stage"; on_exit $?' EXIT
ln -s "$(dirname "$(module_path livepatch-cmdline)")" "$stage/samples"

run_command() {
	(cd "$stage" && timeout "$KP_TIMEOUT" bash -c "$1" 2>&1) || :
}

# finish_command: run what was read, and compare
finish_command() {
	local got

	[[ -n $command ]] || return 0
	commands=$((commands + 1))
	got=$(run_command "$command")
	[[ $got == "$want" ]] || {
		fail "another output than the transcript has: # $command"
		diag "$(diff -u --label transcript --label kernel <(echo "$want") <(echo "$got") || :)"
	}
	command='' want=''
}

# run_transcript FILE
run_transcript() {
	local line command='' want='' nl=$'\n'

	commands=0
	while IFS= read -r line; do
		case $line in
		' *   # '*)
			finish_command
			command=${line#' *   # '}
			;;
		' *   '*)
			[[ -z $command ]] || want+=${want:+$nl}${line#' *   '}
			;;
		*)
			finish_command
			[[ $line != ' */' ]] || break
			;;
		esac
	done <"$1"
}

for file in "${files[@]}"; do
	start_test "the transcript of ${file##*/}"
	run_transcript "$file"
	((commands > 0)) || fail "${file##*/} has no transcript"
	check_clean
	case_done "$commands commands"
done

start_test "the table of samples has them all"
for file in "${files[@]}"; do
	file=${file##*/}
	grep -q "^| \[$file\]($file) |" "$samples/README.md" ||
		fail "README.md has no line for $file"
done
check_clean
case_done
