# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Runs the transcripts at the head of the samples, and compares what they print.
#
# A transcript is made of lines in the sample's first comment:
#
#	 *   # command, one line of shell
#	 *   the lines that it prints, if any
#
# A command's output ends at the next command or at a line without text.  The
# commands run one by one, with samples/ and core/ as in the source tree.

set -Eeuo pipefail

# transcript_samples: the directory of the samples' sources, in SAMPLES
transcript_samples() {
	local dir

	for dir in ${KP_TEST_SAMPLES:-} "$TEST_DIR/samples" "$TEST_DIR/../samples"; do
		# shellcheck disable=SC2034 # for the tests
		SAMPLES=$dir
		[[ ! -f $dir/livepatch-cmdline.c ]] || return 0
	done
	tap_header
	echo "Bail out! the sources of the samples are not here"
	exit "$KP_FAIL"
}

# transcript_stage: a directory like the source tree, in STAGE, until the end
transcript_stage() {
	STAGE=$(mktemp -d)
	trap 'rm -rf "$STAGE"; on_exit $?' EXIT
	ln -s "$(dirname "$(module_path livepatch-cmdline)")" "$STAGE/samples"
	! have_module kpatch ||
		ln -s "$(dirname "$(module_path kpatch)")" "$STAGE/core"
}

# A test may change commands before they are run: it prints the new one.
transcript_command() {
	printf '%s\n' "$1"
}

# finish_command: run what was read, and compare
finish_command() {
	local got

	[[ -n $command ]] || return 0
	commands=$((commands + 1))
	got=$(cd "$STAGE" && timeout "$KP_TIMEOUT" bash -c "$(transcript_command "$command")" 2>&1) || :
	# before 4.4 the kernel still counted this
	[[ ${got^^} != *VMALLOCCHUNK* ]] ||
		got=$(sed -E 's/^(VmallocChunk|VMALLOCCHUNK):.*/\1:          0 kB/' <<<"$got")
	[[ $got == "$want" ]] || {
		fail "another output than the transcript has: # $command"
		diag "$(diff -u --label transcript --label kernel <(echo "$want") <(echo "$got") || :)"
	}
	command='' want=''
}

# run_transcript FILE: the number of commands is in COMMANDS
run_transcript() {
	local line command='' want='' commands=0 nl=$'\n'

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
	# shellcheck disable=SC2034 # for the tests
	COMMANDS=$commands
	((commands > 0)) || fail "${1##*/} has no transcript"
}
